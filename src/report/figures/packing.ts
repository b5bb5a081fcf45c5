/** How an array of numbers stands in the page: written out, or as a place among the packed ones. */
export type PackedNumbers = (number | null)[] | { packed: number };

/** One packed array: little-endian numbers in base64; in `f8` a gap is NaN. */
export interface PackedArray {
  type: "f8" | "i4";
  base64: string;
}

/** Arrays of numbers on their way into a page. */
export interface NumberPool {
  /** Puts an array into the page; one that is there already is not put there again. */
  add(values: ArrayLike<number | null>): PackedNumbers;
  /** What has been packed, in the order of its places. */
  readonly arrays: readonly PackedArray[];
}

/** Shorter arrays are written out: one can read them, and packing would gain nothing. */
const packedFrom = 32;

/**
 * Collects a page's arrays: long ones as base64 of their bytes, which is a third to a half of what
 * their digits would take and exact, the same array once.
 */
export function createNumberPool(): NumberPool {
  const arrays: PackedArray[] = [];
  const places = new Map<string, number>();
  return {
    arrays,
    add(values) {
      if (values.length < packedFrom) {
        return Array.from(values, (value) =>
          value === null || !Number.isFinite(value) ? null : value,
        );
      }
      const array = pack(values);
      const known = places.get(array.type + array.base64);
      if (known !== undefined) return { packed: known };
      places.set(array.type + array.base64, arrays.length);
      return { packed: arrays.push(array) - 1 };
    },
  };
}

function pack(values: ArrayLike<number | null>): PackedArray {
  const isWhole = Array.from(values).every((value) => value !== null && value === (value | 0));
  const size = isWhole ? 4 : 8;
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    if (isWhole) view.setInt32(index * size, value, true);
    else view.setFloat64(index * size, Number.isFinite(value) ? value : NaN, true);
  }
  return {
    type: isWhole ? "i4" : "f8",
    base64: Buffer.from(view.buffer).toString("base64"),
  };
}

/** About how many characters an array will take in a page. */
export function packedLength(count: number): number {
  return Math.ceil((count * 8 * 4) / 3);
}
