import { createByteBuffer } from "./byte-buffer.js";

/** Types of fields and elements in Thrift's compact protocol. */
const TRUE = 1;
const FALSE = 2;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/**
 * Writes structs in Thrift's compact protocol (Apache Thrift, doc/specs/thrift-compact-protocol.md),
 * which Parquet's footers and page headers use. The fields of a struct must be written in ascending
 * order of their numbers. Whole numbers must be at least 0 and below 2⁵².
 */
export interface ThriftWriter {
  flag(field: number, value: boolean): void;
  i16(field: number, value: number): void;
  i32(field: number, value: number): void;
  i64(field: number, value: number): void;
  binary(field: number, value: Uint8Array | string): void;
  struct(field: number, write: () => void): void;
  i32s(field: number, values: readonly number[]): void;
  strings(field: number, values: readonly string[]): void;
  structs<Item>(field: number, items: readonly Item[], write: (item: Item) => void): void;
  /** A list of structs that another writer wrote, each by `element`. */
  encodedStructs(field: number, count: number, encoded: Uint8Array): void;
  /** A struct without a field's header: an element of a list, or the outermost one. */
  element(write: () => void): void;
  /** What was written so far; valid until the next call. */
  bytes(): Uint8Array;
}

const encoder = new TextEncoder();

export function createThriftWriter(): ThriftWriter {
  const { byte, append, varint, bytes } = createByteBuffer();
  let lastField = 0;

  /** Signed numbers alternate: 0, −1, 1, −2, … */
  const zigzag = (value: number): void => varint(value * 2);
  const string = (value: Uint8Array | string): void => {
    const encoded = typeof value === "string" ? encoder.encode(value) : value;
    varint(encoded.length);
    append(encoded);
  };
  const field = (number: number, type: number): void => {
    const step = number - lastField;
    if (step < 1 || step > 15) throw new Error(`Field ${number} cannot follow field ${lastField}.`);
    byte(step * 16 + type);
    lastField = number;
  };
  const list = (number: number, type: number, count: number): void => {
    field(number, LIST);
    if (count < 15) byte(count * 16 + type);
    else {
      byte(0xf0 + type);
      varint(count);
    }
  };
  const element = (write: () => void): void => {
    const outer = lastField;
    lastField = 0;
    write();
    byte(0);
    lastField = outer;
  };

  const integer =
    (type: number) =>
    (number: number, value: number): void => {
      field(number, type);
      zigzag(value);
    };

  return {
    flag: (number, value) => field(number, value ? TRUE : FALSE),
    i16: integer(I16),
    i32: integer(I32),
    i64: integer(I64),
    binary(number, value) {
      field(number, BINARY);
      string(value);
    },
    struct(number, write) {
      field(number, STRUCT);
      element(write);
    },
    i32s(number, values) {
      list(number, I32, values.length);
      values.forEach(zigzag);
    },
    strings(number, values) {
      list(number, BINARY, values.length);
      values.forEach(string);
    },
    structs(number, items, write) {
      list(number, STRUCT, items.length);
      for (const item of items) element(() => write(item));
    },
    encodedStructs(number, count, encoded) {
      list(number, STRUCT, count);
      append(encoded);
    },
    element,
    bytes,
  };
}
