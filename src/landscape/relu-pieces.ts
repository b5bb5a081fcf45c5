import type { DenseNetwork } from "../train/index.js";
import { exactLosses, fitsFloat32 } from "./float64.js";
import { loadKernel } from "./kernel.js";
import { toMeans } from "./method.js";
import type { Grid, SliceMethod } from "./method.js";
import { breather } from "../common/pause.js";

/** Points of the line a call: their sums and output weights stay in the cache. */
const blockPoints = 1024;
/** Row-points a call, which bounds how long a call takes. */
const callRowPoints = 262_144;

/** Whether the kernel can do this network: one ReLU layer, then one or two layers more, the last one linear. */
export function isPiecewise(network: DenseNetwork): boolean {
  return (
    (network.length === 2 || network.length === 3) &&
    network.every(({ bias }) => bias === undefined) &&
    network[0]!.activation === "relu" &&
    network.at(-1)!.activation === "linear"
  );
}

/**
 * The exact piecewise method for a ReLU network with one or two hidden layers (see
 * assembly/landscape.ts): along the line each unit of the first layer switches at most once, and
 * between switches the second pre-activations are quadratics in α. A row costs about one forward
 * pass and a few dozen multiply-adds a point.
 *
 * Arithmetic is float32 as in training, sums are float64. A batch that could overflow float32 is
 * computed in float64 by forward passes instead.
 */
export async function reluPieces(line: Grid): Promise<SliceMethod> {
  const kernel = await loadKernel();
  const { centre, alphas } = line;
  const features = centre[0]!.inputs;
  const first = padded(centre[0]!.outputs);
  const second = padded(centre[1]!.outputs);
  const points = alphas.length;
  // With one hidden layer the only quadratic is the prediction itself; so it is where the second
  // layer is linear.
  const floor = centre[1]!.activation === "relu" ? 0 : -Infinity;
  const partRows = Math.max(16, Math.floor(callRowPoints / Math.min(points, blockPoints)));

  const firstWeights = kernel.reserve(features * 2 * first * 4);
  const secondWeights = kernel.reserve(first * 2 * second * 4);
  const outputs = kernel.reserve(points * second * 4);
  const alphasAt = kernel.reserve(points * 4);
  const a = kernel.reserve(first * 4);
  const b = kernel.reserve(first * 4);
  const actives = kernel.reserve(first * 4);
  const switches = kernel.reserve(first * 4);
  const list = kernel.reserve(first * 4 + 4);
  const next = kernel.reserve(first * 4);
  const heads = kernel.reserve(Math.min(points, blockPoints) * 4 + 4);
  const quadratics = kernel.reserve(second * 12);
  const sumsAt = kernel.reserve(points * 8);
  const x = kernel.reserve(partRows * features * 4);
  const y = kernel.reserve(partRows * 4);
  const bytes = kernel.memory.buffer;
  const floats = (address: number, length: number) => new Float32Array(bytes, address, length);

  floats(firstWeights, features * 2 * first).set(firstLayer(line, first));
  floats(secondWeights, first * 2 * second).set(secondLayer(line, first, second));
  floats(outputs, points * second).set(lastLayer(line, second));
  floats(alphasAt, points).set(alphas);
  const sums = new Float64Array(bytes, sumsAt, points);
  const xPart = floats(x, partRows * features);
  const yPart = floats(y, partRows);
  const fits = fitsFloat32(line);
  const inverseStep = points > 1 ? 1 / (alphas[1]! - alphas[0]!) : 1;

  return {
    name: "relu-pieces",
    simd: "fixed",
    parallel: 1,
    async losses(batch, signal) {
      const breathe = breather(signal);
      if (!fits(batch.x.subarray(0, batch.rows * features)))
        return exactLosses(line, batch, breathe);
      sums.fill(0);
      for (let from = 0; from < batch.rows; from += partRows) {
        const rows = Math.min(partRows, batch.rows - from);
        xPart.set(batch.x.subarray(from * features, (from + rows) * features));
        yPart.set(batch.y.subarray(from, from + rows));
        for (let point = 0; point < points; point += blockPoints) {
          kernel.addSquaredErrors(
            x,
            y,
            rows,
            features,
            first,
            second,
            firstWeights,
            secondWeights,
            outputs + point * second * 4,
            alphasAt + point * 4,
            Math.min(blockPoints, points - point),
            alphas[point]!,
            inverseStep,
            floor,
            a,
            b,
            actives,
            switches,
            list,
            next,
            heads,
            quadratics,
            sumsAt + point * 8,
          );
          await breathe();
        }
      }
      return toMeans(sums.slice(), batch.rows);
    },
    dispose() {},
  };
}

/** Units in whole vectors of four. */
function padded(units: number): number {
  return Math.ceil(units / 4) * 4;
}

/** features × (centre units, direction units). */
function firstLayer({ centre, directions: [direction] }: Grid, first: number): Float32Array {
  const { inputs, outputs, weights } = centre[0]!;
  const out = new Float32Array(inputs * 2 * first);
  for (let input = 0; input < inputs; input++) {
    out.set(weights.subarray(input * outputs, (input + 1) * outputs), input * 2 * first);
    out.set(
      direction![0]!.weights.subarray(input * outputs, (input + 1) * outputs),
      (input * 2 + 1) * first,
    );
  }
  return out;
}

/** first units × groups of four second units × (4 centre, 4 direction). */
function secondLayer(
  { centre, directions: [direction] }: Grid,
  first: number,
  second: number,
): Float32Array {
  const { inputs, outputs, weights } = centre[1]!;
  const out = new Float32Array(first * 2 * second);
  for (let input = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++) {
      const at = (input * second + (output & ~3)) * 2 + (output & 3);
      out[at] = weights[input * outputs + output]!;
      out[at + 4] = direction![1]!.weights[input * outputs + output]!;
    }
  }
  return out;
}

/** points × second units: the last layer's weights at every point; 1 for the prediction itself. */
function lastLayer(
  { centre, directions: [direction], alphas }: Grid,
  second: number,
): Float32Array {
  const out = new Float32Array(alphas.length * second);
  for (const [point, alpha] of alphas.entries()) {
    if (centre.length === 2) out[point * second] = 1;
    else {
      const { outputs, inputs, weights } = centre[2]!;
      for (let input = 0; input < inputs; input++) {
        out[point * second + input] =
          weights[input * outputs]! + alpha * direction![2]!.weights[input * outputs]!;
      }
    }
  }
  return out;
}
