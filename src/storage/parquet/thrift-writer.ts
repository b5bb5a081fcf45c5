/** Types of fields and elements in Thrift's compact protocol. */
const TRUE = 1;
const FALSE = 2;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

const FIRST_BYTES = 256;

/**
 * Writes structs in Thrift's compact protocol (Apache Thrift, doc/specs/thrift-compact-protocol.md),
 * in which Parquet's footers and page headers are. Fields are to be written in rising order of their
 * numbers. Whole numbers are at least 0 and below 2⁵².
 */
export interface CompactWriter {
  flag(field: number, value: boolean): void;
  i16(field: number, value: number): void;
  i32(field: number, value: number): void;
  i64(field: number, value: number): void;
  binary(field: number, value: Uint8Array | string): void;
  struct(field: number, write: () => void): void;
  i32s(field: number, values: readonly number[]): void;
  strings(field: number, values: readonly string[]): void;
  structs<Item>(field: number, items: readonly Item[], write: (item: Item) => void): void;
  /** A list of structs that were written before, each by `element`. */
  encodedStructs(field: number, count: number, encoded: Uint8Array): void;
  /** A struct without a field's header: an element of a list, or the outermost. */
  element(write: () => void): void;
  /** What was written so far; valid until the next call. */
  bytes(): Uint8Array;
  /** Starts afresh. */
  clear(): void;
}

const encoder = new TextEncoder();

export function createCompactWriter(): CompactWriter {
  let buffer = new Uint8Array(FIRST_BYTES);
  let length = 0;
  let lastField = 0;

  const reserve = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + bytes));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const byte = (value: number): void => {
    reserve(1);
    buffer[length++] = value;
  };
  const raw = (bytes: Uint8Array): void => {
    reserve(bytes.length);
    buffer.set(bytes, length);
    length += bytes.length;
  };
  const varint = (value: number): void => {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) byte((left % 0x80) + 0x80);
    byte(left);
  };
  /** Signed numbers alternate: 0, −1, 1, −2, … */
  const zigzag = (value: number): void => varint(value * 2);
  const string = (value: Uint8Array | string): void => {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    varint(bytes.length);
    raw(bytes);
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

  return {
    flag: (number, value) => field(number, value ? TRUE : FALSE),
    i16(number, value) {
      field(number, I16);
      zigzag(value);
    },
    i32(number, value) {
      field(number, I32);
      zigzag(value);
    },
    i64(number, value) {
      field(number, I64);
      zigzag(value);
    },
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
      for (const value of values) zigzag(value);
    },
    strings(number, values) {
      list(number, BINARY, values.length);
      for (const value of values) string(value);
    },
    structs(number, items, write) {
      list(number, STRUCT, items.length);
      for (const item of items) element(() => write(item));
    },
    encodedStructs(number, count, encoded) {
      list(number, STRUCT, count);
      raw(encoded);
    },
    element,
    bytes: () => buffer.subarray(0, length),
    clear() {
      length = 0;
    },
  };
}
