import type { LossLog } from "./loss-log.js";

/** Bytes of losses that are held at once. */
const heldBytes = 32 * 1024 * 1024;
/** Shifts a number, on average, after which a sort is left to the engine. */
const patience = 16;

/** The losses of all batches, sorted point by point, in an array of the caller's. */
export interface SortedLosses {
  /** Makes points from `first` on ready, and returns how many: at least one. They follow on those before. */
  prepare(first: number): Promise<number>;
  /** Fills the array with the losses at a point that is ready, ascending, NaN last. */
  sort(point: number): void;
}

/**
 * Losses are read from the log some points at a time, each with all its batches, in the order of the
 * batches. Memory depends on the points and, of one point, on the batches alone.
 */
export function sortedLosses(
  log: LossLog,
  batches: readonly number[],
  points: number,
  values: Float64Array,
  pause: () => Promise<void>,
): SortedLosses {
  const count = batches.length;
  const most = Math.max(1, Math.min(points, Math.floor(heldBytes / (8 * count))));
  // A batch's losses lie side by side. An odd number of them in each row keeps those of one point
  // from sharing a few sets of the cache.
  const stride = most | 1;
  const losses = new Float64Array(stride * count);
  const sort = createSorter(values);
  let start = 0;
  return {
    async prepare(first) {
      const block = Math.min(most, points - first);
      for (const [index, batch] of batches.entries()) {
        log.readInto(losses.subarray(index * stride, index * stride + block), batch, first);
        await pause();
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
