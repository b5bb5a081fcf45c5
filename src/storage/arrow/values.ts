import { bigEndianInteger, decimalToNumber } from "../format/decimal.js";
import type { Floats } from "../format/types.js";
import type { ArrowField, NumberKind } from "./schema.js";

type DecimalKind = Extract<NumberKind, `decimal${number}`>;

/** Bytes of a number, once it is unpacked. */
export const KIND_BYTES: Record<NumberKind, number> = {
  half: 2,
  single: 4,
  double: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  decimal32: 4,
  decimal64: 8,
  decimal128: 16,
  decimal256: 32,
  bool: 1,
};

/** Numbers of a buffer as floats, and what rounding 64-bit integers to float64 took from them. */
interface Numbers {
  values: Floats;
  residuals?: Float64Array;
}

export function isDecimal(kind: NumberKind): kind is DecimalKind {
  return kind.startsWith("decimal");
}

/**
 * Converts the bytes of some rows of a field to floats.
 *
 * @param item of a fixed-size list: which number of each row is wanted; else 0
 */
export function arrowNumbers(
  bytes: Uint8Array<ArrayBuffer>,
  { kind, scale, listSize = 1 }: Pick<ArrowField, "kind" | "scale" | "listSize">,
  item: number,
  rows: number,
): Numbers {
  if (kind === undefined) throw new Error("a field without numbers has no columns");
  return isDecimal(kind)
    ? { values: decimals(bytes, KIND_BYTES[kind], scale, item, listSize, rows) }
    : floats(typedNumbers(bytes, kind), kind, item, listSize, rows);
}

/** Decimals are little-endian integers in two's complement, scaled. */
function decimals(
  bytes: Uint8Array,
  size: number,
  scale: number,
  item: number,
  width: number,
  rows: number,
): Float64Array {
  const values = new Float64Array(rows);
  for (let row = 0, at = item * size; row < rows; row++, at += width * size) {
    const unscaled = bigEndianInteger(bytes.subarray(at, at + size).toReversed());
    values[row] = decimalToNumber(unscaled, scale);
  }
  return values;
}

function floats(
  all: ArrayLike<number | bigint>,
  kind: NumberKind,
  item: number,
  width: number,
  rows: number,
): Numbers {
  if (width === 1 && (all instanceof Float32Array || all instanceof Float64Array)) {
    return { values: all };
  }
  const isSingle = kind === "single" || kind === "half";
  const values = isSingle ? new Float32Array(rows) : new Float64Array(rows);
  let residuals: Float64Array | undefined;
  for (let row = 0, at = item; row < rows; row++, at += width) {
    const value = all[at]!;
    const rounded = kind === "half" ? halfFloat(Number(value)) : Number(value);
    values[row] = rounded;
    if (typeof value === "bigint" && !Number.isSafeInteger(rounded)) {
      residuals ??= new Float64Array(rows);
      residuals[row] = Number(value - BigInt(rounded));
    }
  }
  return { values, ...(residuals && { residuals }) };
}

function typedNumbers(
  { buffer }: Uint8Array<ArrayBuffer>,
  kind: Exclude<NumberKind, DecimalKind>,
): ArrayLike<number | bigint> {
  switch (kind) {
    case "single":
      return new Float32Array(buffer);
    case "double":
      return new Float64Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "uint8":
    case "bool":
      return new Uint8Array(buffer);
    case "half":
    case "uint16":
      return new Uint16Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "uint64":
      return new BigUint64Array(buffer);
  }
}

/** A number of IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
