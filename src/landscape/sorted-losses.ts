import type { Quadratics } from "./curves.js";
import type { LossLog } from "./loss-log.js";
import type { SummaryKernel } from "./summary-kernel.js";

/** Bytes of losses that are held at once. */
const heldBytes = 32 * 1024 * 1024;
/** Shifts a number, on average, after which a sort is left to the engine. */
const patience = 16;
/** The same where a shift costs less than a sort of the engine's with its callback. */
const kernelPatience = 64;

/** The losses of all batches, sorted point by point, in the array that a summary kernel has for them. */
export interface SortedLosses {
  /** Makes points from `first` on ready, and returns how many: at least one. They follow on those before. */
  prepare(first: number): Promise<number>;
  /** Fills the kernel's array with the losses at a point that is ready, ascending, NaN last. */
  sort(point: number): void;
}

/** The losses of some batches, sorted by the way that suits their curves. */
export function sortedLosses(
  log: LossLog,
  batches: readonly number[],
  points: number,
  kernel: SummaryKernel,
  breathe: () => Promise<void>,
): SortedLosses {
  const { quadratics } = log.curves;
  if (quadratics !== undefined) {
    const lines = linesOf(log, quadratics, batches);
    if (lines !== undefined) return sortedQuadratics(lines, quadratics, kernel);
  }
  return sortedBlocks(log, batches, points, kernel, breathe);
}

/**
 * Losses are read from the log some points at a time, each with all its batches, in the order of the
 * batches. Memory depends on the points and, of one point, on the batches alone.
 */
function sortedBlocks(
  log: LossLog,
  batches: readonly number[],
  points: number,
  kernel: SummaryKernel,
  breathe: () => Promise<void>,
): SortedLosses {
  const count = batches.length;
  const most = Math.max(1, Math.min(points, Math.floor(heldBytes / (8 * count))));
  // A batch's losses lie side by side. An odd number of them in each row keeps those of one point
  // from sharing a few sets of the cache.
  const stride = most | 1;
  const losses = new Float64Array(stride * count);
  const sort = createSorter(kernel.values);
  let start = 0;
  return {
    async prepare(first) {
      const block = Math.min(most, points - first);
      for (const [index, batch] of batches.entries()) {
        log.readInto(losses.subarray(index * stride, index * stride + block), batch, first);
        await breathe();
      }
      start = first;
      return block;
    },
    sort: (point) => sort(losses, point - start, stride),
  };
}

/**
 * Sorts as many numbers again and again, values[at], values[at + stride], …, where the order is about
 * the same each time: the losses of batches at neighbouring points. They are taken in the order of
 * the time before, which insertion sort then mends. Where that takes too long, the engine sorts, and
 * the order that was reached so far is where the next time begins.
 */
function createSorter(
  sorted: Float64Array,
): (values: Float64Array, at: number, stride: number) => void {
  const count = sorted.length;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  return (values, at, stride) => {
    for (let index = 0; index < count; index++) {
      sorted[index] = values[order[index]! * stride + at]!;
    }
    let shifts = patience * count;
    for (let index = 1; index < count; index++) {
      const value = sorted[index]!;
      if (sorted[index - 1]! <= value) continue;
      // Out of its place, or beside what is not a number.
      if (shifts <= 0 || Number.isNaN(sorted[index - 1]! - value)) {
        sorted.sort();
        break;
      }
      const owner = order[index]!;
      let place = index;
      for (; place > 0 && sorted[place - 1]! > value; place--) {
        sorted[place] = sorted[place - 1]!;
        order[place] = order[place - 1]!;
      }
      sorted[place] = value;
      order[place] = owner;
      shifts -= index - place;
    }
  };
}

/** Batches' coefficients on the line at a β: those of all batches side by side, c, l and q in turn. */
type Line = (beta: number) => readonly [Float64Array, Float64Array, Float64Array];

/** The coefficients on every line, if all are finite. */
function linesOf(
  log: LossLog,
  { betas, coefficients }: Quadratics,
  batches: readonly number[],
): Line | undefined {
  const { width } = log.curves;
  const count = batches.length;
  const told = new Float64Array(count * width);
  const of = (index: number): Float64Array => told.subarray(index * width, (index + 1) * width);
  for (const [index, batch] of batches.entries()) log.read(of(index), batch);
  const one = new Float64Array(3);
  const line: Line = (beta) => {
    const [c, l, q] = [0, 1, 2].map(() => new Float64Array(count));
    for (let index = 0; index < count; index++) {
      coefficients(of(index), beta, one);
      c![index] = one[0]!;
      l![index] = one[1]!;
      q![index] = one[2]!;
    }
    return [c!, l!, q!];
  };
  const finite = betas.every((beta) => line(beta).every((part) => part.every(Number.isFinite)));
  return finite ? line : undefined;
}

/**
 * Losses that are quadratics along each line are not read but computed, in the order of the point
 * before, which the kernel mends (see assembly/summary.ts).
 */
function sortedQuadratics(
  line: Line,
  { alphas, betas }: Quadratics,
  { values, coefficients, sortQuadratics }: SummaryKernel,
): SortedLosses {
  const most = kernelPatience * values.length;

  /** Brings the coefficients into the order of the values. */
  function reorder(): void {
    const order = Uint32Array.from(values, (_, index) => index);
    order.sort((one, other) => values[one]! - values[other]!);
    for (const part of coefficients) {
      const before = part.slice();
      for (const [place, index] of order.entries()) part[place] = before[index]!;
    }
  }

  return {
    prepare(first) {
      const parts = line(betas[first / alphas.length]!);
      for (const [index, part] of coefficients.entries()) part.set(parts[index]!);
      return Promise.resolve(alphas.length);
    },
    sort(point) {
      const alpha = alphas[point % alphas.length]!;
      if (sortQuadratics(alpha, most)) return;
      reorder();
      sortQuadratics(alpha, most);
    },
  };
}
