import type { DenseNetwork } from "../../model/index.js";
import { sizeOf } from "../products/kernel-products.js";
import type { HessianPart } from "../products/types.js";
import type { Share, ShareSums } from "./types.js";

/** Numbers of a block: four rows by four columns. */
const BLOCK = 16;

/**
 * A product of groups of columns, summed over the rows, of which some of the Hessian's numbers consist. With a
 * layer's inputs xᵢ (1 for its bias) and the prediction's derivatives δᵤ in its pre-activations:
 *
 * - `within` a layer: (xᵢ·xⱼ) · (δᵤ·δᵥ), in which i and j, and u and v, may change places;
 * - `across` two layers: (xᵢ·δᵤ) · (xⱼ·δᵥ);
 * - `residual`, of two layers too: the derivative of an input of the higher one in δᵤ's place, times
 *   (xᵢ·δᵥ·(f − y)). The inputs of the next layer are the units of this one.
 */
export interface ColumnProduct {
  kind: "within" | "across" | "residual";
  low: number;
  high: number;
  /** Columns of each group. */
  left: number[];
  right: number[];
}

/** The products that a part of the Hessian takes. Within a layer of a piecewise linear network ∇²f is 0. */
export function columnProducts(network: DenseNetwork, part: HessianPart): ColumnProduct[] {
  return network.flatMap((one, low) => {
    const inputs = inputsOf(one);
    const within = { kind: "within" as const, low, high: low };
    const products: ColumnProduct[] = [];
    if (part !== "residual") {
      products.push({ ...within, left: falling(inputs), right: falling(one.outputs) });
    }
    for (const [high, other] of network.entries()) {
      if (high <= low) continue;
      if (part !== "residual") {
        products.push({
          kind: "across",
          low,
          high,
          left: groupsOf(one.outputs, inputs),
          right: groupsOf(other.outputs, inputsOf(other)),
        });
      }
      if (part !== "gauss-newton") {
        products.push({
          kind: "residual",
          low,
          high,
          left: high === low + 1 ? [one.outputs] : groupsOf(one.outputs, other.inputs),
          right: groupsOf(other.outputs, inputs),
        });
      }
    }
    return products;
  });
}

/** Groups of so many columns, one less, and so on. */
function falling(count: number): number[] {
  return Array.from({ length: count }, (_, at) => count - at);
}

/** A layer's inputs, with one for its bias. */
export function inputsOf({ inputs, bias }: DenseNetwork[number]): number {
  return inputs + (bias === undefined ? 0 : 1);
}

export function groupsOf(groups: number, columns: number): number[] {
  return Array.from({ length: groups }, () => columns);
}

/** How many panels of four hold so many columns. */
export function panelsOf(columns: number): number {
  return Math.ceil(columns / 4);
}

/** The numbers of the blocks of a pair of groups. */
function lengthOfPair({ left, right }: ColumnProduct, pair: number): number {
  const across = right[Math.floor(pair / left.length)]!;
  return panelsOf(left[pair % left.length]!) * panelsOf(across) * BLOCK;
}

/** The numbers of a share's blocks of a product. */
export function lengthOfShare(product: ColumnProduct, { index, of }: Share): number {
  let numbers = 0;
  for (let pair = index; pair < product.left.length * product.right.length; pair += of) {
    numbers += lengthOfPair(product, pair);
  }
  return numbers;
}

/** The sums of all shares in one, which does not depend on how many there are. */
export function joinedShares(
  products: readonly ColumnProduct[],
  shares: readonly ShareSums[],
): ShareSums {
  return products.map((product, at) => {
    const whole = new Float64Array(lengthOfShare(product, { index: 0, of: 1 }));
    for (const [pair, share, from, to] of placesOfPairs(product, shares.length)) {
      whole.set(shares[share]![at]!.subarray(from, from + lengthOfPair(product, pair)), to);
    }
    return whole;
  });
}

/** A share of joined sums. */
export function shareOf(
  products: readonly ColumnProduct[],
  whole: ShareSums,
  { index, of }: Share,
): ShareSums {
  return products.map((product, at) => {
    const own = new Float64Array(lengthOfShare(product, { index, of }));
    for (const [pair, share, to, from] of placesOfPairs(product, of)) {
      if (share === index) {
        own.set(whole[at]!.subarray(from, from + lengthOfPair(product, pair)), to);
      }
    }
    return own;
  });
}

/**
 * Where the numbers of each pair of groups are.
 *
 * @yields the pair, its share, the place of its numbers in the share's sums, and in the joined ones
 */
function* placesOfPairs(
  product: ColumnProduct,
  shares: number,
): Generator<[pair: number, share: number, inShare: number, joined: number], void, void> {
  const used = Array.from({ length: shares }, () => 0);
  let joined = 0;
  for (let pair = 0; pair < product.left.length * product.right.length; pair++) {
    const share = pair % shares;
    yield [pair, share, used[share]!, joined];
    const length = lengthOfPair(product, pair);
    used[share]! += length;
    joined += length;
  }
}

/** The Hessian of the mean squared error, row by row, from the sums of all shares. */
export function matrixOf(
  network: DenseNetwork,
  part: HessianPart,
  shares: readonly ShareSums[],
  rows: number,
): Float64Array {
  const size = sizeOf(network);
  const matrix = new Float64Array(size * size);
  const scale = 2 / rows;
  for (const [at, product] of columnProducts(network, part).entries()) {
    const first = sizeOf(network.slice(0, product.low));
    const second = sizeOf(network.slice(0, product.high));
    const [units, others] = [network[product.low]!.outputs, network[product.high]!.outputs];
    const add = (row: number, column: number, value: number): void => {
      matrix[row * size + column]! += value;
      matrix[column * size + row]! += value;
    };
    const set = (row: number, column: number, value: number): void => {
      matrix[row * size + column] = value;
      matrix[column * size + row] = value;
    };
    for (const [index, sums] of shares.entries()) {
      const share = { index, of: shares.length };
      forNumbers(product, sums[at]!, share, (one, k, other, l, sum) => {
        const value = scale * sum;
        if (product.kind === "within") {
          set(first + one * units + other, first + (one + k) * units + other + l, value);
          set(first + one * units + other + l, first + (one + k) * units + other, value);
        } else if (product.kind === "across") {
          add(first + k * units + one, second + l * others + other, value);
        } else {
          const [unit, input] = product.high === product.low + 1 ? [k, k] : [one, k];
          add(first + l * units + unit, second + input * others + other, value);
        }
      });
    }
  }
  return matrix;
}

/** Calls `use` with group and column of both sides for each number of a share's blocks. */
function forNumbers(
  { left, right }: ColumnProduct,
  numbers: Float64Array,
  { index, of }: Share,
  use: (one: number, k: number, other: number, l: number, sum: number) => void,
): void {
  let at = 0;
  for (let pair = index; pair < left.length * right.length; pair += of) {
    const [one, other] = [pair % left.length, Math.floor(pair / left.length)];
    for (let l = 0; l < 4 * panelsOf(right[other]!); l += 4) {
      for (let k = 0; k < 4 * panelsOf(left[one]!); k += 4) {
        for (let number = 0; number < BLOCK; number++, at++) {
          const [row, column] = [k + (number >> 2), l + (number & 3)];
          if (row < left[one]! && column < right[other]!) {
            use(one, row, other, column, numbers[at]!);
          }
        }
      }
    }
  }
}
