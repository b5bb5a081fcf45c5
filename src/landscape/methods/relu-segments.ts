import { createPause } from "../../common/pause.js";
import type { DenseNetwork } from "../../model/index.js";
import { exactLosses, fitsFloat32 } from "../exact/losses.js";
import { pointsOf, toMeans } from "../points/grid.js";
import type { Grid } from "../points/grid.js";
import { pointwise } from "./curves.js";
import { loadKernel } from "./kernel.js";
import type { SliceKernel, Simd } from "./kernel.js";
import { fillFirstLayer, fillLastLayer, fillSecondLayer, padded } from "./segment-weights.js";
import type { SliceMethod } from "./types.js";

/** Points of a line that one call of the kernel evaluates: their sums and output weights stay in the cache. */
const BLOCK_POINTS = 1024;
/** Row-points of one call, which bounds its time. */
const CALL_ROW_POINTS = 262_144;
/** Bytes of the products of rows with the first layer: they stay in the cache for all lines of a plane. */
const PRODUCTS_BYTES = 131_072;
/** Bytes of the later layers' weights that are kept for all lines of a plane; if they take more, they are computed again for each part of a batch. */
const KEPT_BYTES = 16 * 1024 * 1024;
/** Bytes of the quadratics of all segments of a row's line up to which they are computed before the points. */
const SEGMENTS_BYTES = 32_768;
/** From this many points a first-layer unit on, segments are so long that computing them as they come is as fast. */
const LONG_SEGMENTS = 16;

/** Whether the kernel can compute this network: a ReLU layer, then one or two layers, the last one linear. */
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
 * biases (see assembly/mlp-slice.ts). Along a line each unit of the first layer switches at most
 * once; on the segments between these kinks the second layer's pre-activations are quadratics in α.
 * A row costs about one forward pass and a few dozen multiply-adds per point. All lines of a plane
 * share a row's products with the first layer.
 *
 * Arithmetic is float32 as in training, sums are float64. A batch that could overflow float32 is
 * computed in float64 by forward passes instead.
 *
 * @param simd the kernel's instructions; default: the fastest that this version of Node has
 */
export async function reluSegments(grid: Grid, simd?: Simd): Promise<SliceMethod> {
  const kernel = loadKernel(simd);
  const sizes = sizesOf(grid);
  const addresses = reserveBuffers(kernel, sizes);
  const setup: Setup = { kernel, grid, sizes, addresses };
  const { features, first, sets, points, lines, partRows } = sizes;
  const { firstWeights } = addresses;
  fillFirstLayer(floats(kernel, firstWeights, (features + 1) * sets * first), grid, first);
  floats(kernel, addresses.alphas, points).fill(grid.alphas.at(-1)!).set(grid.alphas);
  const layersOf = createLaterLayers(setup);
  const x = floats(kernel, addresses.x, partRows * features);
  const y = floats(kernel, addresses.y, partRows);
  const sums = new Float64Array(kernel.memory.buffer, addresses.sums, points * lines);
  const fits = fitsFloat32(grid);
  return {
    name: "relu-segments",
    simd: kernel.simd,
    parallel: 1,
    curves: pointwise(grid),
    async evaluate(batch, signal) {
      const pause = createPause(signal);
      if (!fits(batch.x.subarray(0, batch.rows * features))) return exactLosses(grid, batch, pause);
      sums.fill(0);
      for (let from = 0; from < batch.rows; from += partRows) {
        const rows = Math.min(partRows, batch.rows - from);
        x.set(batch.x.subarray(from * features, (from + rows) * features));
        y.set(batch.y.subarray(from, from + rows));
        const { products } = addresses;
        kernel.multiplyRows(addresses.x, rows, features, first, sets, firstWeights, products);
        for (let line = 0; line < lines; line++) {
          await addLine(setup, line, layersOf(line), rows, pause);
        }
      }
      return toMeans(withoutPadding(sums, grid, points), batch.rows);
    },
    dispose() {},
  };
}

/** What all calls of the kernel have in common. */
interface Setup {
  kernel: SliceKernel;
  grid: Grid;
  sizes: Sizes;
  addresses: Addresses;
}

interface Sizes {
  features: number;
  /** Padded units of the first layer and the second. */
  first: number;
  second: number;
  /** The centre and its directions. */
  sets: number;
  /** Padded points of a line. */
  points: number;
  /** Lines of a plane; 1 for a line. */
  lines: number;
  /** Lines whose later layers are kept. */
  keptLines: number;
  /** Rows that are multiplied with the first layer at once. */
  partRows: number;
  /** Bytes of the quadratics of all segments of a row's line. */
  lineQuadratics: number;
  /** Whether all segments are computed before the points, so that no branch depends on the kinks. */
  bySegments: boolean;
}

function sizesOf({ centre, directions, alphas, betas }: Grid): Sizes {
  const first = padded(centre[0]!.outputs);
  const second = padded(centre[1]!.outputs);
  const sets = 1 + directions.length;
  const points = padded(alphas.length);
  const partRows = Math.max(
    16,
    Math.min(
      Math.floor(CALL_ROW_POINTS / Math.min(points, BLOCK_POINTS)),
      Math.floor(PRODUCTS_BYTES / (sets * first * 4)),
    ),
  );
  const lineBytes = 4 * (2 * second * (first + 1) + points * (second + 1));
  const lineQuadratics = second * 12 * (first + 1);
  return {
    features: centre[0]!.inputs,
    first,
    second,
    sets,
    points,
    lines: betas.length,
    keptLines: betas.length * lineBytes <= KEPT_BYTES ? betas.length : 1,
    partRows,
    lineQuadratics,
    bySegments: lineQuadratics <= SEGMENTS_BYTES && points < LONG_SEGMENTS * first,
  };
}

type Addresses = ReturnType<typeof reserveBuffers>;
type LaterLayers = Addresses["layers"][number];

/** Reserves the kernel's buffers. By segments, `next` and `heads` have other contents. */
function reserveBuffers(kernel: SliceKernel, sizes: Sizes) {
  const { features, first, second, sets, points, partRows } = sizes;
  const blockPoints = Math.min(points, BLOCK_POINTS);
  return {
    firstWeights: kernel.reserve((features + 1) * sets * first * 4),
    layers: Array.from({ length: sizes.keptLines }, () => ({
      secondWeights: kernel.reserve(first * 2 * second * 4),
      secondBiases: kernel.reserve(2 * second * 4),
      outputs: kernel.reserve(points * second * 4),
      outputBiases: kernel.reserve(points * 4),
    })),
    alphas: kernel.reserve(points * 4),
    a: kernel.reserve(first * 4),
    actives: kernel.reserve(first * 4),
    switches: kernel.reserve(first * 4),
    list: kernel.reserve(first * 4 + 4),
    next: kernel.reserve(first * 4),
    heads: kernel.reserve(blockPoints * 4 + 16),
    quadratics: kernel.reserve(sizes.bySegments ? sizes.lineQuadratics : second * 12),
    predictions: kernel.reserve(blockPoints * 16),
    sums: kernel.reserve(points * sizes.lines * 8),
    x: kernel.reserve(partRows * features * 4),
    y: kernel.reserve(partRows * 4),
    products: kernel.reserve(partRows * sets * first * 4),
  };
}

function floats(kernel: SliceKernel, address: number, length: number): Float32Array {
  return new Float32Array(kernel.memory.buffer, address, length);
}

/** The layers after the first on each line, which are computed again and again unless they are kept. */
function createLaterLayers({
  kernel,
  grid,
  sizes,
  addresses,
}: Setup): (line: number) => LaterLayers {
  const { first, second, points, lines, keptLines, bySegments } = sizes;
  const fill = (layers: LaterLayers, beta: number): LaterLayers => {
    const weights = floats(kernel, layers.secondWeights, first * 2 * second);
    const biases = floats(kernel, layers.secondBiases, 2 * second);
    fillSecondLayer(weights, biases, grid, second, beta);
    const outputs = floats(kernel, layers.outputs, points * second);
    const outputBiases = floats(kernel, layers.outputBiases, points);
    fillLastLayer(outputs, outputBiases, grid, second, beta, bySegments);
    return layers;
  };
  if (keptLines < lines) return (line) => fill(addresses.layers[0]!, grid.betas[line]!);
  for (const [line, beta] of grid.betas.entries()) fill(addresses.layers[line]!, beta);
  return (line) => addresses.layers[line]!;
}

/** Adds the squared errors of a part's rows to the sums of all points of a line. */
async function addLine(
  { kernel, grid, sizes, addresses }: Setup,
  line: number,
  layers: LaterLayers,
  rows: number,
  pause: () => Promise<void>,
): Promise<void> {
  const { alphas, betas, centre } = grid;
  const { first, second, sets, points } = sizes;
  const inverseStep = alphas.length > 1 ? 1 / (alphas[1]! - alphas[0]!) : 1;
  // Without a ReLU there the second layer is not cut off: with one hidden layer it is the prediction.
  const floor = centre[1]!.activation === "relu" ? 0 : -Infinity;
  for (let point = 0; point < points; point += BLOCK_POINTS) {
    const common = [
      addresses.products,
      addresses.y,
      rows,
      first,
      second,
      sets,
      betas[line]!,
      layers.secondWeights,
      layers.secondBiases,
      layers.outputs + point * second * 4,
      layers.outputBiases + point * 4,
      addresses.alphas + point * 4,
      Math.min(BLOCK_POINTS, points - point),
      alphas[point]!,
      inverseStep,
      floor,
      addresses.a,
      addresses.actives,
      addresses.switches,
      addresses.list,
      addresses.next,
      addresses.heads,
      addresses.quadratics,
    ] as const;
    const sums = addresses.sums + (line * points + point) * 8;
    if (sizes.bySegments) kernel.addSquaredErrorsBySegments(...common, sums);
    else kernel.addSquaredErrors(...common, addresses.predictions, sums);
    await pause();
  }
}

/** The sums of a grid's own points, from lines of padded points. */
function withoutPadding(sums: Float64Array, grid: Grid, points: number): Float64Array {
  const { alphas, betas } = grid;
  const own = new Float64Array(pointsOf(grid));
  for (const line of betas.keys()) {
    const lineSums = sums.subarray(line * points, line * points + alphas.length);
    own.set(lineSums, line * alphas.length);
  }
  return own;
}
