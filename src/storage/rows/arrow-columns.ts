import { failure, usageError } from "../../common/errors.js";
import { decimalToNumber } from "../format/decimal.js";
import type { Block } from "./block.js";
import type { ArrowBatch, ArrowType, ArrowVector } from "./types.js";

/* Numbers of types in Arrow's format. */
const NULL = 1;
const INT = 2;
const FLOAT = 3;
const BOOL = 6;
const DECIMAL = 7;
const DICTIONARY = -1;

/** The values of a record batch by column and row, and whether all are float32. */
export function arrowColumns(
  batch: ArrowBatch,
  { names, sourceRows }: Block,
): { isNarrow: boolean; valueAt: (column: number, row: number) => unknown } {
  const vectors = names.map((name) => {
    const vector = batch.getChild(name);
    if (vector !== null) return vector;
    const has = batch.schema.fields.map((field) => field.name).join(", ");
    throw usageError(
      (option) =>
        `The record batch after row ${sourceRows} has no column ${name}: it has ${has}; see ${option("features")} and ${option("target")}.`,
    );
  });
  const columns = vectors.map((vector, column) => valuesOf(vector, names[column]!));
  return {
    isNarrow: columns.every((values) => values instanceof Float32Array),
    valueAt: (column, row) => {
      const values = columns[column]!;
      return typeof values === "function" ? values(row) : values[row];
    },
  };
}

/** Whether a type has numbers. */
export function isNumeric({ typeId, dictionary }: ArrowType): boolean {
  if (typeId === DICTIONARY) return dictionary !== undefined && isNumeric(dictionary);
  return [NULL, INT, FLOAT, BOOL, DECIMAL].includes(typeId);
}

/** A column's values: its array, where that has them as they are. */
function valuesOf(
  vector: ArrowVector,
  name: string,
): ArrayLike<unknown> | ((row: number) => unknown) {
  const { type, nullCount, length } = vector;
  if (!isNumeric(type)) {
    throw failure(
      (option) =>
        `Column ${name} of the record batch is ${String(type)}, which is not numeric; choose other columns with ${option("features")} and ${option("target")}.`,
    );
  }
  // Half floats are in arrays of their bits.
  const isPlain = type.typeId === INT || (type.typeId === FLOAT && type.precision !== 0);
  if (isPlain && nullCount === 0) {
    const values = vector.toArray() as ArrayLike<unknown>;
    if (ArrayBuffer.isView(values) && values.length === length) return values;
  }
  const { typeId, scale = 0 } = type.dictionary ?? type;
  if (typeId !== DECIMAL) return (row) => vector.get(row);
  return (row) => {
    const words = vector.get(row) as Uint32Array | null;
    return words === null ? null : decimalToNumber(integerOf(words), scale);
  };
}

/** A decimal's digits: 32-bit words of two's complement, the lowest first. */
function integerOf(words: Uint32Array): bigint {
  let value = 0n;
  for (let at = words.length - 1; at >= 0; at--) value = (value << 32n) | BigInt(words[at]!);
  return BigInt.asIntN(32 * words.length, value);
}
