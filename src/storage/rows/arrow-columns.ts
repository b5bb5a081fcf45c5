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
const FIXED_SIZE_LIST = 16;
const DICTIONARY = -1;

/** The values of a record batch by column and row, and whether all are float32. */
export function arrowColumns(
  batch: ArrowBatch,
  { names, sourceRows }: Block,
): { isNarrow: boolean; valueAt: (column: number, row: number) => unknown } {
  const columns = names.map((name) => {
    const vector = batch.getChild(name);
    if (vector !== null) return valuesOf(vector, name);
    const items = itemsOf(batch, name);
    if (items !== undefined) return items;
    const has = batch.schema.fields.map((field) => field.name).join(", ");
    throw usageError(
      (option) =>
        `The record batch after row ${sourceRows} has no column ${name}: it has ${has}; see ${option("features")} and ${option("target")}.`,
    );
  });
  return {
    isNarrow: columns.every((values) => values instanceof Float32Array),
    valueAt: (column, row) => {
      const values = columns[column]!;
      return typeof values === "function" ? values(row) : values[row];
    },
  };
}

/** The names of a batch's columns that are numbers, where the items of a list `x` are x0, x1, …; and of the others. */
export function numericNames(batch: ArrowBatch): { names: string[]; left: string[] } {
  const found = { names: [] as string[], left: [] as string[] };
  for (const { name } of batch.schema.fields) {
    const { type } = batch.getChild(name)!;
    if (isNumeric(type)) found.names.push(name);
    else if (isNumericList(type)) {
      for (let item = 0; item < type.listSize!; item++) found.names.push(`${name}${item}`);
    } else found.left.push(name);
  }
  return found;
}

function isNumericList({ typeId, children }: ArrowType): boolean {
  const item = children?.[0]?.type;
  return typeId === FIXED_SIZE_LIST && item !== undefined && isNumeric(item);
}

/** The item of a fixed-size list that a name such as `x12` stands for, in every row. */
function itemsOf(batch: ArrowBatch, name: string): ((row: number) => unknown) | undefined {
  const [, list = "", digits = ""] = /^(.*?)(0|[1-9]\d*)$/.exec(name) ?? [];
  const vector = list === "" ? null : batch.getChild(list);
  const item = Number(digits);
  if (vector === null || !isNumericList(vector.type) || item >= vector.type.listSize!) {
    return undefined;
  }
  const type = vector.type.children![0]!.type;
  return (row) => numberIn(type, (vector.get(row) as ArrowVector | null)?.get(item));
}

/** Whether a type has numbers. */
function isNumeric({ typeId, dictionary }: ArrowType): boolean {
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
  return (row) => numberIn(type.dictionary ?? type, vector.get(row));
}

/** A value as apache-arrow gives it; decimals become numbers. */
function numberIn({ typeId, scale = 0 }: ArrowType, value: unknown): unknown {
  return typeId === DECIMAL && value instanceof Uint32Array
    ? decimalToNumber(integerOf(value), scale)
    : value;
}

/** A decimal's digits: 32-bit words of two's complement, the lowest first. */
function integerOf(words: Uint32Array): bigint {
  let value = 0n;
  for (let at = words.length - 1; at >= 0; at--) value = (value << 32n) | BigInt(words[at]!);
  return BigInt.asIntN(32 * words.length, value);
}
