import { breather } from "../../common/pause.js";
import type { DenseLayer, DenseNetwork } from "../../model/index.js";
import { pointwise } from "./curves.js";
import { exactLosses, fitsFloat32 } from "../exact/losses.js";
import { loadKernel } from "./kernel.js";
import type { Simd } from "./kernel.js";
import { pointsOf, toMeans } from "../points/grid.js";
import type { SliceMethod } from "./method.js";
import type { Grid } from "../points/grid.js";

/** Points of a line a call: their sums and output weights stay in the cache. */
const blockPoints = 1024;
/** Row-points a call, which bounds how long a call takes. */
const callRowPoints = 262_144;
/** Bytes of the products of rows with the first layer: they stay in the cache from line to line. */
const productsBytes = 131_072;
/** Bytes of the later layers' weights on the lines of a plane that are held; more are made again for each part. */
const heldBytes = 16 * 1024 * 1024;
/** Bytes of the quadratics of all pieces of a row's line up to which they are all made before the points. */
const piecesBytes = 32_768;
/** Points a first-layer unit from which on pieces are so long that the other way is as fast. */
const longPieces = 16;

/** Whether the kernel can do this network: one ReLU layer, then one or two layers more, the last one linear. */
export function isPiecewise(network: DenseNetwork): boolean {
  const [first, middle] = network;
  return (
    (network.length === 2 || network.length === 3) &&
    first!.activation === "relu" &&
    (middle!.activation === "relu" || middle!.activation === "linear") &&
    network.at(-1)!.activation === "linear"
  );
}

/**
 * The exact piecewise method for a ReLU network with one or two hidden layers, with or without
 * biases (see assembly/landscape.ts): along a line each unit of the first layer switches at most
 * once, and between switches the second pre-activations are quadratics in α. A row costs about one
 * forward pass and a few dozen multiply-adds a point; all lines of a plane share its products with
 * the first layer.
 *
 * Arithmetic is float32 as in training, sums are float64. A batch that could overflow float32 is
 * computed in float64 by forward passes instead.
 *
 * @param simd the kernel's instructions; default: the best that there are
 */
export async function reluPieces(grid: Grid, simd?: Simd): Promise<SliceMethod> {
  const kernel = loadKernel(simd);
  const { centre, directions, alphas, betas } = grid;
  const features = centre[0]!.inputs;
  const first = padded(centre[0]!.outputs);
  const second = padded(centre[1]!.outputs);
  const sets = 1 + directions.length;
  // The kernel takes whole vectors of points; those beyond the last are left out at the end.
  const points = padded(alphas.length);
  // With one hidden layer the only quadratic is the prediction itself; so it is where the second
  // layer is linear.
  const floor = centre[1]!.activation === "relu" ? 0 : -Infinity;
  const rowProducts = sets * first;
  const partRows = Math.max(
    16,
    Math.min(
      Math.floor(callRowPoints / Math.min(points, blockPoints)),
      Math.floor(productsBytes / (rowProducts * 4)),
    ),
  );
  const lineQuadratics = second * 12 * (first + 1);
  const byPieces = lineQuadratics <= piecesBytes && points < longPieces * first;
  const reserveUnits = (): number => kernel.reserve(first * 4);

  const firstWeights = kernel.reserve((features + 1) * rowProducts * 4);
  const lineBytes = 4 * (2 * second * (first + 1) + points * (second + 1));
  const held = betas.length * lineBytes <= heldBytes ? betas.length : 1;
  const layers: Layers[] = Array.from({ length: held }, () => ({
    secondWeights: kernel.reserve(first * 2 * second * 4),
    secondBiases: kernel.reserve(2 * second * 4),
    outputs: kernel.reserve(points * second * 4),
    outputBiases: kernel.reserve(points * 4),
  }));
  const alphasAt = kernel.reserve(points * 4);
  const a = reserveUnits();
  const actives = reserveUnits();
  const switches = reserveUnits();
  const list = kernel.reserve(first * 4 + 4);
  const next = reserveUnits();
  const heads = kernel.reserve(Math.min(points, blockPoints) * 4 + 16);
  const quadratics = kernel.reserve(byPieces ? lineQuadratics : second * 12);
  const predictions = kernel.reserve(Math.min(points, blockPoints) * 16);
  const sumsAt = kernel.reserve(points * betas.length * 8);
  const x = kernel.reserve(partRows * features * 4);
  const y = kernel.reserve(partRows * 4);
  const products = kernel.reserve(partRows * rowProducts * 4);
  const bytes = kernel.memory.buffer;
  const floats = (address: number, length: number) => new Float32Array(bytes, address, length);

  fillFirstLayer(floats(firstWeights, (features + 1) * rowProducts), grid, first);
  floats(alphasAt, points).fill(alphas.at(-1)!).set(alphas);
  const sums = new Float64Array(bytes, sumsAt, points * betas.length);
  const xPart = floats(x, partRows * features);
  const yPart = floats(y, partRows);
  const fits = fitsFloat32(grid);
  const inverseStep = alphas.length > 1 ? 1 / (alphas[1]! - alphas[0]!) : 1;

  /** Where the layers after the first on a line are, which fills them unless all lines' are held. */
  function layersOf(line: number): Layers {
    if (held < betas.length) fillLine(layers[0]!, betas[line]!);
    return layers[line % held]!;
  }
  function fillLine(at: Layers, beta: number): void {
    const weights = floats(at.secondWeights, first * 2 * second);
    fillSecondLayer(weights, floats(at.secondBiases, 2 * second), grid, second, beta);
    const outputs = floats(at.outputs, points * second);
    fillLastLayer(outputs, floats(at.outputBiases, points), grid, second, beta, byPieces);
  }
  if (held === betas.length) {
    for (const [line, beta] of betas.entries()) fillLine(layers[line]!, beta);
  }

  return {
    name: "relu-pieces",
    simd: kernel.simd,
    parallel: 1,
    curves: pointwise(grid),
    async evaluate(batch, signal) {
      const breathe = breather(signal);
      if (!fits(batch.x.subarray(0, batch.rows * features)))
        return exactLosses(grid, batch, breathe);
      sums.fill(0);
      for (let from = 0; from < batch.rows; from += partRows) {
        const rows = Math.min(partRows, batch.rows - from);
        xPart.set(batch.x.subarray(from * features, (from + rows) * features));
        yPart.set(batch.y.subarray(from, from + rows));
        kernel.multiplyRows(x, rows, features, first, sets, firstWeights, products);
        for (const [line, beta] of betas.entries()) {
          const { secondWeights, secondBiases, outputs, outputBiases } = layersOf(line);
          for (let point = 0; point < points; point += blockPoints) {
            const common = [
              products,
              y,
              rows,
              first,
              second,
              sets,
              beta,
              secondWeights,
              secondBiases,
              outputs + point * second * 4,
              outputBiases + point * 4,
              alphasAt + point * 4,
              Math.min(blockPoints, points - point),
              alphas[point]!,
              inverseStep,
              floor,
              a,
              actives,
              switches,
              list,
              next,
              heads,
              quadratics,
            ] as const;
            const sumsPart = sumsAt + (line * points + point) * 8;
            if (byPieces) kernel.addSquaredErrorsByPieces(...common, sumsPart);
            else kernel.addSquaredErrors(...common, predictions, sumsPart);
            await breathe();
          }
        }
      }
      const told = new Float64Array(pointsOf(grid));
      for (const line of betas.keys()) {
        const lineSums = sums.subarray(line * points, line * points + alphas.length);
        told.set(lineSums, line * alphas.length);
      }
      return toMeans(told, batch.rows);
    },
    dispose() {},
  };
}

/** Addresses of the layers after the first on one line. */
interface Layers {
  secondWeights: number;
  secondBiases: number;
  outputs: number;
  outputBiases: number;
}

/** Units or points in whole vectors of four. */
function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** The biases, then of each feature the weights: centre units, then those of each direction. */
function fillFirstLayer(out: Float32Array, { centre, directions }: Grid, first: number): void {
  const networks = [centre, ...directions];
  for (const [set, network] of networks.entries()) {
    const { inputs, outputs, weights, bias } = network[0]!;
    if (bias !== undefined) out.set(bias, set * first);
    for (let input = 0; input < inputs; input++) {
      const row = weights.subarray(input * outputs, (input + 1) * outputs);
      out.set(row, ((input + 1) * networks.length + set) * first);
    }
  }
}

/** first units × groups of four second units × (4 centre, 4 direction), and the same of the biases. */
function fillSecondLayer(
  out: Float32Array,
  biases: Float32Array,
  grid: Grid,
  second: number,
  beta: number,
): void {
  const { inputs, outputs } = grid.centre[1]!;
  const moved = movedBy(grid, 1, beta);
  const direction = grid.directions[0]![1]!;
  for (let input = 0; input < inputs; input++) {
    const row = input * second * 2;
    for (let output = 0; output < outputs; output++) {
      const weight = input * outputs + output;
      out[row + groupedPlace(output)] = moved("weights", weight);
      out[row + groupedPlace(output) + 4] = direction.weights[weight]!;
    }
  }
  for (let output = 0; output < outputs; output++) {
    biases[groupedPlace(output)] = moved("bias", output);
    biases[groupedPlace(output) + 4] = direction.bias?.[output] ?? 0;
  }
}

/** Where a unit stands among groups of (4 centre, 4 direction). */
function groupedPlace(unit: number): number {
  return (unit & ~3) * 2 + (unit & 3);
}

/** points × second units: the last layer's weights at every point, and its bias; 1 for the prediction itself. By pieces four points × groups of four units. */
function fillLastLayer(
  out: Float32Array,
  biases: Float32Array,
  grid: Grid,
  second: number,
  beta: number,
  byPieces: boolean,
): void {
  const last = grid.centre[2];
  const moved = movedBy(grid, 2, beta);
  const direction: DenseLayer | undefined = grid.directions[0]![2];
  const place = (point: number, unit: number): number =>
    byPieces
      ? (point & ~3) * second + (unit & ~3) * 4 + (point & 3) * 4 + (unit & 3)
      : point * second + unit;
  for (const [point, alpha] of grid.alphas.entries()) {
    if (last === undefined || direction === undefined) {
      out[place(point, 0)] = 1;
      continue;
    }
    for (let input = 0; input < last.inputs; input++) {
      out[place(point, input)] = moved("weights", input) + alpha * direction.weights[input]!;
    }
    biases[point] = moved("bias", 0) + alpha * (direction.bias?.[0] ?? 0);
  }
}

/** A layer's numbers on the line at a β. */
function movedBy(
  { centre, directions }: Grid,
  layer: number,
  beta: number,
): (key: "weights" | "bias", at: number) => number {
  const around = centre[layer];
  const second = directions[1]?.[layer];
  return (key, at) => (around?.[key]?.[at] ?? 0) + beta * (second?.[key]?.[at] ?? 0);
}
