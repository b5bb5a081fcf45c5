import type { LossLog } from "./loss-log.js";

/** Bytes of losses in memory at once. */
const HELD_BYTES = 32 * 1024 * 1024;
/** If insertion sort needs more shifts a number than this, the engine sorts instead. */
const MOST_SHIFTS = 16;

/** The losses of all batches, sorted point by point into the caller's array. */
export interface SortedLosses {
  /** Loads points from `first` on, the first that was not loaded yet. Returns how many: at least one. */
  prepare(first: number): Promise<number>;
  /** Fills the array with the losses at a loaded point, ascending, NaN last. */
  sort(point: number): void;
}

/**
 * Reads losses from a log, of several points at a time and all batches of each. Memory is bounded, but
 * holds at least one point of all batches.
 */
export function sortedLosses(
  log: LossLog,
  batches: readonly number[],
  points: number,
  values: Float64Array,
  pause: () => Promise<void>,
): SortedLosses {
  const count = batches.length;
  const most = Math.max(1, Math.min(points, Math.floor(HELD_BYTES / (8 * count))));
  // A batch's losses lie side by side. If their number were a power of two, the losses of one point
  // would share a few sets of the cache.
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
 * Sorts values[at], values[at + stride], … into `sorted`, many times and in about the same order each
 * time: the losses of the batches at neighbouring points. Each sort takes the values in the order of the
 * sort before, and corrects it by insertion sort. Where that takes too long, the engine sorts.
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
    let shifts = MOST_SHIFTS * count;
    for (let index = 1; index < count; index++) {
      const value = sorted[index]!;
      if (sorted[index - 1]! <= value) continue;
      // Out of order, or beside a NaN.
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
