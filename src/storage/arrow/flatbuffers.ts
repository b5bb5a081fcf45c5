/*
 * The few things that a reader needs of an Arrow file's footer and of its record batches' headers,
 * read straight from their FlatBuffers tables (Arrow's Schema.fbs, Message.fbs and File.fbs). A
 * general decoder follows whatever lengths a damaged file claims; here every length is compared with
 * what a shard has before anything is read, and the DataView refuses what lies outside the bytes.
 */

/** Type and header numbers of the Arrow schema files. */
const FLOATING_POINT = 3;
const FIXED_SIZE_LIST = 16;
const SINGLE_PRECISION = 1;
const RECORD_BATCH = 3;

/** The place of a record batch in the file. */
export interface Block {
  offset: number;
  metadataBytes: number;
}

/** Buffers of a record batch: places within its body. */
export interface RecordBatchHeader {
  rows: number;
  x: { offset: number; bytes: number };
  y: { offset: number; bytes: number };
}

export interface Table {
  /** Position of a field's value, undefined where it has its default. */
  field(index: number): number | undefined;
}

export interface Bytes {
  view: DataView;
  table(at: number): Table;
  /** Follows a reference. */
  follow(at: number): number;
  /** Start and length of the vector that a field refers to; empty where there is none. */
  vector(at: number | undefined): { at: number; length: number };
  text(at: number | undefined): string;
  /** A 64-bit integer that a double holds exactly; anything else is damage. */
  int64(at: number): number;
}

export function flatBuffer(bytes: Uint8Array): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const follow = (at: number): number => at + view.getUint32(at, true);
  const vector = (at: number | undefined): { at: number; length: number } => {
    if (at === undefined) return { at: 0, length: 0 };
    const start = follow(at);
    return { at: start + 4, length: view.getUint32(start, true) };
  };
  return {
    view,
    follow,
    vector,
    table(at) {
      const fields = at - view.getInt32(at, true);
      const size = view.getUint16(fields, true);
      return {
        field(index) {
          const place = 4 + 2 * index;
          const offset = place < size ? view.getUint16(fields + place, true) : 0;
          return offset === 0 ? undefined : at + offset;
        },
      };
    },
    text(at) {
      const { at: start, length } = vector(at);
      // Names of a shard's columns are short; a long one is not read.
      if (length > 64 || start + length > bytes.byteLength) return "";
      return Buffer.from(bytes.subarray(start, start + length)).toString("utf8");
    },
    int64(at) {
      const value = Number(view.getBigInt64(at, true));
      if (!Number.isSafeInteger(value)) throw new Error("a length is absurd");
      return value;
    },
  };
}

/** A reference to a table within one. */
export function tableAt(bytes: Bytes, at: number | undefined): Table | undefined {
  return at === undefined ? undefined : bytes.table(bytes.follow(at));
}

function tablesAt(bytes: Bytes, at: number | undefined, count: number): Table[] | undefined {
  const { at: start, length } = bytes.vector(at);
  if (length !== count) return undefined;
  return Array.from({ length }, (_, index) => bytes.table(bytes.follow(start + 4 * index)));
}

/** Field: name 0, nullable 1, type 2 and 3, dictionary 4, children 5. */
function isFloat32(bytes: Bytes, field: Table | undefined): boolean {
  const kind = field?.field(2);
  const precision = tableAt(bytes, field?.field(3))?.field(0);
  return (
    kind !== undefined &&
    bytes.view.getUint8(kind) === FLOATING_POINT &&
    precision !== undefined &&
    bytes.view.getInt16(precision, true) === SINGLE_PRECISION &&
    field?.field(4) === undefined
  );
}

/** Whether the columns are x, FixedSizeList(features) of Float32, and y, Float32. */
function hasColumns(bytes: Bytes, schema: Table | undefined, features: number): boolean {
  const [x, y] = tablesAt(bytes, schema?.field(1), 2) ?? [];
  const kind = x?.field(2);
  const size = tableAt(bytes, x?.field(3))?.field(0);
  const [item] = tablesAt(bytes, x?.field(5), 1) ?? [];
  return (
    bytes.text(x?.field(0)) === "x" &&
    kind !== undefined &&
    bytes.view.getUint8(kind) === FIXED_SIZE_LIST &&
    size !== undefined &&
    bytes.view.getInt32(size, true) === features &&
    isFloat32(bytes, item) &&
    bytes.text(y?.field(0)) === "y" &&
    isFloat32(bytes, y)
  );
}

/**
 * Reads a footer: version 0, schema 1, dictionaries 2, record batches 3.
 *
 * @returns the record batches' places, or undefined where the columns are others
 * @throws where the bytes are no footer
 */
export function readFooterBlocks(footer: Uint8Array, features: number): Block[] | undefined {
  const bytes = flatBuffer(footer);
  const root = bytes.table(bytes.follow(0));
  if (!hasColumns(bytes, tableAt(bytes, root.field(1)), features)) return undefined;
  return readBlocks(bytes, root.field(3));
}

/**
 * Reads a footer's list of record batches.
 *
 * @throws where it is longer than the footer
 */
export function readBlocks(bytes: Bytes, field: number | undefined): Block[] {
  // A block: offset int64, metadata length int32, four bytes of padding, body length int64.
  const { at, length } = bytes.vector(field);
  if (at + 24 * length > bytes.view.byteLength)
    throw new Error("its list of record batches is cut");
  return Array.from({ length }, (_, index) => ({
    offset: bytes.int64(at + 24 * index),
    metadataBytes: bytes.view.getInt32(at + 24 * index + 8, true),
  }));
}

/**
 * Reads a record batch's message: version 0, header 1 and 2; of the header: rows 0, nodes 1,
 * buffers 2, compression 3.
 *
 * @throws where the bytes are no record batch of a shard
 */
export function readRecordBatchHeader(message: Uint8Array): RecordBatchHeader {
  const bytes = flatBuffer(message);
  const root = bytes.table(bytes.follow(0));
  const kind = root.field(1);
  const header = tableAt(bytes, root.field(2));
  if (kind === undefined || bytes.view.getUint8(kind) !== RECORD_BATCH || header === undefined) {
    throw new Error("a record batch is missing");
  }
  // Nodes: x, its items, y; a node: rows int64, missing values int64.
  const nodes = bytes.vector(header.field(1));
  // Buffers: validity of x, validity and values of its items, validity and values of y.
  const buffers = bytes.vector(header.field(2));
  if (nodes.length !== 3 || buffers.length !== 5 || header.field(3) !== undefined) {
    throw new Error("a record batch has other columns or is compressed");
  }
  if ([0, 1, 2].some((node) => bytes.int64(nodes.at + 16 * node + 8) !== 0)) {
    throw new Error("a record batch has missing values");
  }
  const buffer = (index: number): { offset: number; bytes: number } => ({
    offset: bytes.int64(buffers.at + 16 * index),
    bytes: bytes.int64(buffers.at + 16 * index + 8),
  });
  const rows = header.field(0);
  return { rows: rows === undefined ? 0 : bytes.int64(rows), x: buffer(2), y: buffer(4) };
}
