import type { DenseNetwork } from "../../model/index.js";
import { sizeOf } from "../products/kernel-products.js";
import type { HessianPart } from "../products/types.js";
import type { Share, ShareSums } from "./types.js";

/** Numbers of a block: four rows by four columns. */
const BLOCK = 16;

/** Two layers, of which the second lies above the first. */
export interface LayerPair {
  low: number;
  high: number;
  /** Derivatives of the second layer's inputs in the first one's units: one an input where it is the next layer. */
  derivatives: number;
  /** The first layer's inputs, with one for its bias, times the second one's units. */
  products: number;
}

/** The pairs of layers between which ∇²f has blocks: within a layer of a piecewise linear network it has none. */
export function layerPairs(network: DenseNetwork): LayerPair[] {
  return network.flatMap((one, low) =>
    network.slice(low + 1).map((other, at) => ({
      low,
      high: low + 1 + at,
      derivatives: at === 0 ? one.outputs : one.outputs * other.inputs,
      products: (one.inputs + (one.bias === undefined ? 0 : 1)) * other.outputs,
    })),
  );
}

/** How many panels of four hold so many columns. */
export function panelsOf(columns: number): number {
  return Math.ceil(columns / 4);
}

/** The bytes of a share's sums. */
export function bytesOfShare(
  network: DenseNetwork,
  part: HessianPart,
  { index, of }: Share,
): { squares: number; pairs: number[] } {
  let squares = 0;
  if (part !== "residual") {
    for (let panel = index; panel < panelsOf(sizeOf(network)); panel += of) squares += panel + 1;
  }
  const pairs = layerPairs(network).map(({ derivatives, products }) =>
    part === "gauss-newton"
      ? 0
      : Math.max(0, Math.ceil((panelsOf(products) - index) / of)) * panelsOf(derivatives),
  );
  return { squares: squares * BLOCK * 8, pairs: pairs.map((blocks) => blocks * BLOCK * 8) };
}

/** The Hessian of the mean squared error, row by row, from the sums of all shares. */
export function matrixOf(
  network: DenseNetwork,
  shares: readonly ShareSums[],
  rows: number,
): Float64Array {
  const size = sizeOf(network);
  const matrix = new Float64Array(size * size);
  const scale = 2 / rows;
  const add = (row: number, column: number, value: number): void => {
    matrix[row * size + column]! += scale * value;
    if (row !== column) matrix[column * size + row]! += scale * value;
  };
  for (const [index, { squares, pairs }] of shares.entries()) {
    const share = { index, of: shares.length };
    if (squares.length > 0) {
      forBlocks(squares, share, panelsOf(size), undefined, (row, column, value) => {
        if (row <= column && column < size) add(row, column, value);
      });
    }
    for (const [at, pair] of layerPairs(network).entries()) {
      if (pairs[at]!.length === 0) continue;
      const place = placesOf(network, pair);
      const across = panelsOf(pair.products);
      forBlocks(pairs[at]!, share, across, panelsOf(pair.derivatives), (row, column, value) => {
        if (row >= pair.derivatives || column >= pair.products) return;
        add(...place(row, column), value);
      });
    }
  }
  return matrix;
}

/**
 * Calls `use` for each number of a share's blocks, as `addBlocks` of the kernel orders them.
 *
 * @param down panels down the matrix; undefined: up to the diagonal
 */
function forBlocks(
  blocks: Float64Array,
  { index, of }: Share,
  across: number,
  down: number | undefined,
  use: (row: number, column: number, value: number) => void,
): void {
  let at = 0;
  for (let panel = index; panel < across; panel += of) {
    for (let other = 0; other < (down ?? panel + 1); other++) {
      for (let number = 0; number < BLOCK; number++) {
        use(4 * other + (number >> 2), 4 * panel + (number & 3), blocks[at++]!);
      }
    }
  }
}

/** Where the block of two layers has what a derivative and a product contribute. */
function placesOf(
  network: DenseNetwork,
  { low, high }: LayerPair,
): (derivative: number, product: number) => [row: number, column: number] {
  const [one, other] = [network[low]!, network[high]!];
  const [first, second] = [sizeOf(network.slice(0, low)), sizeOf(network.slice(0, high))];
  return (derivative, product) => {
    const input = Math.floor(product / other.outputs);
    const output = product % other.outputs;
    // The next layer's inputs are this one's units.
    const [unit, above] =
      high === low + 1
        ? [derivative, derivative]
        : [Math.floor(derivative / other.inputs), derivative % other.inputs];
    return [first + input * one.outputs + unit, second + above * other.outputs + output];
  };
}
