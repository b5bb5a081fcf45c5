import type { DenseLayer, DenseNetwork } from "../../model/index.js";

/** The relative error of an operation in float64. */
const UNIT = 2 ** -53;
/** Bounds are computed in float64 themselves: this much covers their own rounding. */
const MARGIN = 1 + 1e-9;

/** The rows whose losses are compared. */
export interface ProofRows {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

/** A mean loss in float64, and a bound of its rounding error. */
export interface BoundedLoss {
  loss: number;
  error: number;
}

/**
 * The mean loss at centre + α·direction, with a running error analysis (Higham, Accuracy and Stability of
 * Numerical Algorithms, §3.3): each unit has a value and a bound of its error. Residuals that cancel make
 * no difference to that, unlike to a bound relative to the loss.
 *
 * @param pause is called now and then
 */
export async function boundedLoss(
  { centre, direction }: { centre: DenseNetwork; direction: DenseNetwork },
  alpha: number,
  { x, y, rows }: ProofRows,
  pause: () => Promise<void>,
): Promise<BoundedLoss> {
  const layers = centre.map((layer, index) => movedLayer(layer, direction[index]!, alpha));
  const features = centre[0]!.inputs;
  let [sum, error] = [0, 0];
  for (let row = 0; row < rows; row++) {
    let values = Float64Array.from(x.subarray(row * features, (row + 1) * features));
    let errors = new Float64Array(features);
    for (const layer of layers) [values, errors] = passThrough(layer, values, errors);
    const residual = values[0]! - y[row]!;
    const off = errors[0]! + UNIT * Math.abs(residual);
    const square = residual * residual;
    sum += square;
    error += 2 * Math.abs(residual) * off + off * off + UNIT * (square + sum);
    if (row % 256 === 255) await pause();
  }
  return { loss: sum / rows, error: (MARGIN * (error + 2 * UNIT * sum)) / rows };
}

/** A layer's weights at a point of the line, and bounds of their rounding. */
interface MovedLayer extends Pick<DenseLayer, "inputs" | "outputs" | "activation"> {
  weights: Float64Array;
  weightErrors: Float64Array;
  bias: Float64Array;
  biasErrors: Float64Array;
}

function movedLayer(from: DenseLayer, along: DenseLayer, alpha: number): MovedLayer {
  const { inputs, outputs, activation } = from;
  const none = new Float32Array(outputs);
  const [bias, biasErrors] = moved(from.bias ?? none, along.bias ?? none, alpha);
  const [weights, weightErrors] = moved(from.weights, along.weights, alpha);
  return { inputs, outputs, activation, weights, weightErrors, bias, biasErrors };
}

function moved(
  from: Float32Array,
  along: Float32Array,
  alpha: number,
): [values: Float64Array, errors: Float64Array] {
  const values = Float64Array.from(from, (value, at) => value + alpha * along[at]!);
  const errors = Float64Array.from(
    from,
    (_, at) => UNIT * (Math.abs(alpha * along[at]!) + Math.abs(values[at]!)),
  );
  return [values, errors];
}

/** The outputs of a layer, and bounds of their errors. */
function passThrough(
  { inputs, outputs, activation, weights, weightErrors, bias, biasErrors }: MovedLayer,
  values: Float64Array,
  errors: Float64Array,
): [values: Float64Array<ArrayBuffer>, errors: Float64Array<ArrayBuffer>] {
  const sums = Float64Array.from(bias);
  const offs = Float64Array.from(biasErrors);
  const sizes = bias.map(Math.abs);
  for (let input = 0; input < inputs; input++) {
    const [value, error] = [values[input]!, errors[input]!];
    const size = Math.abs(value) + error;
    for (let output = 0, at = input * outputs; output < outputs; output++, at++) {
      const term = value * weights[at]!;
      sums[output]! += term;
      sizes[output]! += Math.abs(term);
      offs[output]! += error * Math.abs(weights[at]!) + size * weightErrors[at]!;
    }
  }
  for (let output = 0; output < outputs; output++) {
    const off = offs[output]! + (inputs + 2) * UNIT * sizes[output]!;
    const value = activated(activation, sums[output]!);
    sums[output] = value;
    // No activation is steeper than 1. Those that are computed are off by a few units in the last place.
    offs[output] = MARGIN * (off + 4 * UNIT * Math.abs(value));
  }
  return [sums, offs];
}

function activated(activation: DenseLayer["activation"], value: number): number {
  switch (activation) {
    case "linear":
      return value;
    case "relu":
      return Math.max(0, value);
    case "tanh":
      return Math.tanh(value);
    case "sigmoid":
      return 1 / (1 + Math.exp(-value));
  }
}
