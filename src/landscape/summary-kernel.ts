import { openKernel } from "../common/kernel.js";
import type { KernelMemory } from "../common/kernel.js";

/** The functions of assembly/summary.ts; addresses are byte offsets into `memory`. */
interface Exports extends KernelMemory {
  sortQuadratics(
    c: number,
    l: number,
    q: number,
    values: number,
    count: number,
    alpha: number,
    patience: bigint,
  ): number;
  sumOf(values: number, count: number): number;
  squaresAround(values: number, count: number, mean: number): number;
}

/** What sorts and sums the losses at one point after the other. */
export interface SummaryKernel {
  /** One loss a batch. */
  values: Float64Array;
  /** c, l and q of the batches, which `sortQuadratics` keeps in the order of the values. */
  coefficients: readonly Float64Array[];
  /** Fills the values with the losses at α, ascending; false where that took more than so many shifts. */
  sortQuadratics(alpha: number, patience: number): boolean;
  /** The values' sum. */
  sum(): number;
  /** The sum of the squares of the values' distances from a mean. */
  squaresAround(mean: number): number;
}

/** A kernel for as many losses a point. */
export function openSummaryKernel(count: number): SummaryKernel {
  const { functions, allocate } = openKernel<Exports>("summary");
  const bytes = count * 8;
  const [values = 0, c = 0, l = 0, q = 0] = allocate([bytes, bytes, bytes, bytes]);
  const view = (place: number) => new Float64Array(functions.memory.buffer, place, count);
  return {
    values: view(values),
    coefficients: [view(c), view(l), view(q)],
    sortQuadratics: (alpha, patience) =>
      functions.sortQuadratics(c, l, q, values, count, alpha, BigInt(patience)) !== 0,
    sum: () => functions.sumOf(values, count),
    squaresAround: (mean) => functions.squaresAround(values, count, mean),
  };
}
