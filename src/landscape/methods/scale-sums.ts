import { createPause } from "../../common/pause.js";
import { gamma, UNIT_ROUNDOFF } from "../../common/rounding.js";
import type { DenseNetwork } from "../../model/index.js";
import type { Batch } from "../../stream/index.js";
import type { Grid } from "../points/grid.js";
import { compensatedSum, type CompensatedSum } from "./compensated-sum.js";
import { scaleSymmetric } from "./curves.js";
import type { SliceMethod } from "./types.js";

/** Weights times rows between two yields to the event loop. */
const PART_PRODUCTS = 2_000_000;

/**
 * Whether scaling two layers by a ≥ 0 and b ≥ 0 multiplies the predictions by ab: hidden ReLU or linear layers, a
 * linear last one, and no biases but in the first layer, which is scaled with its bias.
 */
export function isScaleSymmetric(network: DenseNetwork): boolean {
  return (
    network.length > 1 &&
    network.every(({ activation }) => activation === "relu" || activation === "linear") &&
    network.at(-1)!.activation === "linear" &&
    network.slice(1).every(({ bias }) => bias === undefined)
  );
}

/**
 * The surface over the factors of two layers as a theorem: with predictions f, the loss at (a, b) is the mean of
 * (ab·f − y)². The means of f², fy and y² give it at all points. With the residual r = f − y, the means of r² and rf give
 * it without the cancellation of the expanded square. All are compensated sums of float64 numbers, each with a
 * bound of its error: a prediction lies within γ_K·|Wₗ|…|W₂|(|W₁||x| + |b₁|) of the true one, K being the
 * operations on the way to it, whatever their order (Higham 2002, §3.1 and §3.5); ReLU adds nothing. Rows and
 * weights are float32 numbers, exact in float64. Nothing may underflow or overflow.
 *
 * @param grid the first direction is the first layer, the second the next one
 */
export function scaleSums(grid: Grid): SliceMethod {
  const { centre } = grid;
  const features = centre[0]!.inputs;
  const predict = predictor(centre);
  const magnitude = magnitudes(centre);
  const roundings = centre.reduce((sum, { inputs }) => sum + inputs + 1, 0);
  // The magnitudes are rounded as well.
  const relative = gamma(roundings) * (1 + gamma(4 * (roundings + features)));
  const products = centre.reduce((sum, { weights }) => sum + weights.length, 0);
  const partRows = Math.max(1, Math.floor(PART_PRODUCTS / products));
  return {
    name: "scale-sums",
    simd: "none",
    parallel: 1,
    curves: scaleSymmetric(grid),
    async evaluate(batch, signal) {
      const pause = createPause(signal);
      const sums = Array.from({ length: 5 }, compensatedSum);
      for (let row = 0; row < batch.rows; row++) {
        const at = row * features;
        addRow(sums, predict(batch, at), batch.y[row]!, relative * magnitude(batch, at));
        if (row % partRows === partRows - 1) await pause();
      }
      const means = sums.map((sum) => sum.mean());
      return Float64Array.from([
        ...means.map(({ value }) => value),
        ...means.map(({ bound }) => bound),
      ]);
    },
    dispose() {},
  };
}

/** Adds a row to the sums of r², rf, f², fy and y². `e` bounds the error of the prediction f. */
function addRow(sums: readonly CompensatedSum[], f: number, y: number, e: number): void {
  const u = UNIT_ROUNDOFF;
  const [rr, rf, ff, fy, yy] = sums;
  const r = f - y;
  const size = Math.abs(f);
  const d = e + u * Math.abs(r);
  // Twice u: the products below are computed from rounded numbers themselves.
  rr!.add(r * r, d * (2 * Math.abs(r) + d) + 2 * u * r * r);
  rf!.add(r * f, size * d + Math.abs(r) * e + d * e + 2 * u * Math.abs(r * f));
  ff!.add(f * f, e * (2 * size + e) + 2 * u * f * f);
  fy!.add(f * y, Math.abs(y) * e + 2 * u * Math.abs(f * y));
  // A float32 number squared is exact in float64.
  yy!.add(y * y, 0);
}

/** The prediction of the row that begins at a place of the batch's x. */
function predictor(network: DenseNetwork): (batch: Pick<Batch, "x">, at: number) => number {
  const layers = network.map(({ inputs, outputs, weights, bias, activation }) => ({
    inputs,
    outputs,
    weights: Float64Array.from(weights),
    bias: bias && Float64Array.from(bias),
    isRelu: activation === "relu",
    values: new Float64Array(outputs),
  }));
  const row = new Float64Array(network[0]!.inputs);
  return ({ x }, at) => {
    for (let input = 0; input < row.length; input++) row[input] = x[at + input]!;
    let from = row;
    for (const { inputs, outputs, weights, bias, isRelu, values } of layers) {
      if (bias === undefined) values.fill(0);
      else values.set(bias);
      for (let input = 0; input < inputs; input++) {
        const value = from[input]!;
        if (value === 0) continue;
        const first = input * outputs;
        for (let unit = 0; unit < outputs; unit++) values[unit]! += value * weights[first + unit]!;
      }
      if (isRelu) {
        for (let unit = 0; unit < outputs; unit++) values[unit] = Math.max(0, values[unit]!);
      }
      from = values;
    }
    return from[0]!;
  };
}

/** |Wₗ|…|W₂|(|W₁||x| + |b₁|) of a row: a linear function of the magnitudes of x. */
function magnitudes(network: DenseNetwork): (batch: Pick<Batch, "x">, at: number) => number {
  let outward = Float64Array.of(1);
  for (const { inputs, outputs, weights } of network.slice(1).toReversed()) {
    outward = timesMagnitudes(weights, inputs, outputs, outward);
  }
  const { inputs, outputs, weights, bias } = network[0]!;
  const slopes = timesMagnitudes(weights, inputs, outputs, outward);
  const constant = bias ? timesMagnitudes(bias, 1, outputs, outward)[0]! : 0;
  return ({ x }, at) => {
    let sum = constant;
    for (let input = 0; input < inputs; input++) sum += slopes[input]! * Math.abs(x[at + input]!);
    return sum;
  };
}

/** |W|v, W in rows of `outputs` numbers. */
function timesMagnitudes(
  weights: Float32Array,
  inputs: number,
  outputs: number,
  vector: Float64Array,
): Float64Array<ArrayBuffer> {
  const product = new Float64Array(inputs);
  for (let input = 0; input < inputs; input++) {
    for (let unit = 0; unit < outputs; unit++) {
      product[input]! += Math.abs(weights[input * outputs + unit]!) * vector[unit]!;
    }
  }
  return product;
}
