/** An array of numbers in a page: as JSON, or as an index into the packed arrays. */
export type PackedNumbers = (number | null)[] | { packed: number };

/** A packed array: little-endian float64, float32 or int32 in base64. In `f8` and `f4` a gap is NaN. */
export interface PackedArray {
  type: "f8" | "f4" | "i4";
  base64: string;
}

/** Collects the arrays of numbers of a page. */
export interface NumberPool {
  /** Adds an array, unless an equal one was added before. */
  add(values: ArrayLike<number | null>): PackedNumbers;
  /** The packed arrays, by index. */
  readonly arrays: readonly PackedArray[];
}

/** Arrays of fewer numbers are not packed: it would save nothing, and they stay readable. */
const packedFrom = 32;

/**
 * Collects a page's arrays. Long ones are stored as base64 of their bytes, which is exact and a third to a half as
 * long as their digits. Equal arrays are stored once.
 */
export function createNumberPool(): NumberPool {
  const arrays: PackedArray[] = [];
  const indices = new Map<string, number>();
  return {
    arrays,
    add(values) {
      if (values.length < packedFrom) {
        return Array.from(values, (value) =>
          value === null || !Number.isFinite(value) ? null : value,
        );
      }
      const array = pack(values);
      const known = indices.get(array.type + array.base64);
      if (known !== undefined) return { packed: known };
      indices.set(array.type + array.base64, arrays.length);
      return { packed: arrays.push(array) - 1 };
    },
  };
}

function pack(values: ArrayLike<number | null>): PackedArray {
  const type = typeOf(values);
  const size = type === "f8" ? 8 : 4;
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    const finite = Number.isFinite(value) ? value : NaN;
    if (type === "i4") view.setInt32(index * size, value, true);
    else if (type === "f4") view.setFloat32(index * size, finite, true);
    else view.setFloat64(index * size, finite, true);
  }
  return { type, base64: Buffer.from(view.buffer).toString("base64") };
}

/** The smallest type that holds all values exactly. */
function typeOf(values: ArrayLike<number | null>): PackedArray["type"] {
  const all = Array.from(values);
  if (all.every((value) => value !== null && value === (value | 0))) return "i4";
  return all.every((value) => value === null || Object.is(Math.fround(value), value)) ? "f4" : "f8";
}

/** About how many characters an array takes in a page. */
export function packedLength(count: number): number {
  return Math.ceil((count * 8 * 4) / 3);
}
