/** A dense layer in the plainest form, for reference computations. */
export interface PlainLayer {
  inputs: number;
  outputs: number;
  activation: string;
  weights: ArrayLike<number>;
  bias?: ArrayLike<number>;
}

interface PlainActivation {
  apply(sum: number): number;
  /** The derivative, from what it gave. */
  slope(output: number): number;
}

const ACTIVATIONS: Readonly<Record<string, PlainActivation>> = {
  linear: { apply: (sum) => sum, slope: () => 1 },
  relu: { apply: (sum) => Math.max(0, sum), slope: (output) => (output > 0 ? 1 : 0) },
  tanh: { apply: Math.tanh, slope: (output) => 1 - output ** 2 },
  sigmoid: { apply: (sum) => 1 / (1 + Math.exp(-sum)), slope: (output) => output * (1 - output) },
};

/** What every layer gives for one row, the row itself first, in float64. */
export function plainOutputs(network: readonly PlainLayer[], row: ArrayLike<number>): number[][] {
  const values = [Array.from(row)];
  for (const { inputs, outputs, activation, weights, bias } of network) {
    const given = values.at(-1)!;
    values.push(
      Array.from({ length: outputs }, (_, output) => {
        let sum = bias?.[output] ?? 0;
        for (let at = 0; at < inputs; at++) sum += given[at]! * weights[at * outputs + output]!;
        return ACTIVATIONS[activation]!.apply(sum);
      }),
    );
  }
  return values;
}

/** The sum of the squared errors of the rows, in float64. */
export function plainSquares(
  network: readonly PlainLayer[],
  x: Float32Array,
  y: Float32Array,
  rows: number,
): number {
  const features = network[0]!.inputs;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const outputs = plainOutputs(network, x.subarray(row * features, (row + 1) * features));
    sum += (outputs.at(-1)![0]! - y[row]!) ** 2;
  }
  return sum;
}

/** Gradients of half the sum of the squared errors in weights and bias of each layer, in float64. */
export function plainHalves(
  network: readonly PlainLayer[],
  x: Float32Array,
  y: Float32Array,
  rows: number,
): Float64Array[] {
  const features = network[0]!.inputs;
  const gradients = network.map(({ inputs, outputs }) => ({
    weights: new Float64Array(inputs * outputs),
    bias: new Float64Array(outputs),
  }));
  for (let row = 0; row < rows; row++) {
    const values = plainOutputs(network, x.subarray(row * features, (row + 1) * features));
    let delta = [values.at(-1)![0]! - y[row]!];
    for (let index = network.length - 1; index >= 0; index--) {
      const { inputs, outputs, activation, weights } = network[index]!;
      const { slope } = ACTIVATIONS[activation]!;
      delta = delta.map((value, at) => value * slope(values[index + 1]![at]!));
      const before = Array.from({ length: inputs }, () => 0);
      for (let output = 0; output < outputs; output++) {
        gradients[index]!.bias[output]! += delta[output]!;
        for (let input = 0; input < inputs; input++) {
          const at = input * outputs + output;
          gradients[index]!.weights[at]! += values[index]![input]! * delta[output]!;
          before[input]! += weights[at]! * delta[output]!;
        }
      }
      delta = before;
    }
  }
  return gradients.flatMap(({ weights, bias }, index) =>
    network[index]!.bias === undefined ? [weights] : [weights, bias],
  );
}
