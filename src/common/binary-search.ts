/**
 * How many leading items meet a condition, by binary search. The items that meet it must come before
 * those that do not. (C++ and Rust call this the partition point.)
 */
export function partitionPoint(length: number, meets: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (meets(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
