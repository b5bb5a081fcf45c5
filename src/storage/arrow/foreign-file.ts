import { compressors } from "hyparquet-compressors";
import { bigEndianInteger, decimalToNumber } from "../format/decimal.js";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import { flatBuffer, readBlocks, tableAt, type Block } from "./flatbuffers.js";
import { readArrowFooter } from "./shard-index.js";
import type { RandomAccessFile } from "../format/types.js";
import { readArrowColumns, type ArrowColumn, type NumberKind } from "./schema.js";
import { lz4FrameDecompress } from "./lz4-frame.js";
import type { NumberType } from "../format/number-type.js";
import type { DecodedColumn } from "../format/decoded-block.js";
import type { ForeignFile } from "../format/foreign-file.js";

/** A record batch's header has 32 bytes or so a column. */
const HEADER_BYTES = 64 * 1024 * 1024;
/** As for Parquet pages: what compressed bytes may claim to hold. */
const BUFFER_BYTES = 16 * 1024 * 1024;
const LARGEST_RATIO = 1024;

const RECORD_BATCH = 3;
const MARKER = 0xffffffff;
const CODECS = ["LZ4", "ZSTD"] as const;

const BYTES: Record<NumberKind, number> = {
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
};

interface Batch {
  rows: number;
  /** Position of the body in the file. */
  body: number;
  codec: (typeof CODECS)[number] | undefined;
  /** How many further buffers each view column has. */
  variadic: number[];
  buffer(index: number): { offset: number; bytes: number };
}

/** Reads a record batch's header: rows 0, nodes 1, buffers 2, compression 3, variadic counts 4. */
function readBatch(file: RandomAccessFile, block: Block): Batch {
  const { offset, metadataBytes } = block;
  if (metadataBytes < 8 || metadataBytes > HEADER_BYTES) {
    throw new Error("a record batch has no header");
  }
  // Since version 0.15 a marker stands before the length of the header (ARROW-6313).
  const isMarked = new DataView(file.read(offset, 4).buffer).getUint32(0, true) === MARKER;
  const prefix = isMarked ? 8 : 4;
  const bytes = flatBuffer(file.read(offset + prefix, metadataBytes - prefix));
  const root = bytes.table(bytes.follow(0));
  const kind = root.field(1);
  const header = tableAt(bytes, root.field(2));
  if (kind === undefined || bytes.view.getUint8(kind) !== RECORD_BATCH || header === undefined) {
    throw new Error("a record batch is missing");
  }
  const buffers = bytes.vector(header.field(2));
  const compression = tableAt(bytes, header.field(3));
  const codecAt = compression?.field(0);
  const codec =
    compression === undefined
      ? undefined
      : CODECS[codecAt === undefined ? 0 : bytes.view.getUint8(codecAt)];
  if (compression !== undefined && codec === undefined)
    throw new Error("its compression is unknown");
  const counts = bytes.vector(header.field(4));
  if (counts.at + 8 * counts.length > bytes.view.byteLength) throw new Error("a header is cut");
  const rows = header.field(0) === undefined ? 0 : bytes.int64(header.field(0)!);
  if (rows < 0) throw new Error(`a record batch claims ${rows} rows`);
  return {
    rows,
    body: offset + metadataBytes,
    codec,
    variadic: Array.from({ length: counts.length }, (_, index) =>
      bytes.int64(counts.at + 8 * index),
    ),
    buffer(index) {
      if (index >= buffers.length) throw new Error("a record batch has too few buffers");
      return {
        offset: bytes.int64(buffers.at + 16 * index),
        bytes: bytes.int64(buffers.at + 16 * index + 8),
      };
    },
  };
}

/** Opens a foreign Arrow IPC file: its footer and its record batches' headers are read and checked. */
export function openArrowFile(file: RandomAccessFile): ForeignFile {
  const { path } = file;
  let columns: ArrowColumn[];
  let blocks: Block[];
  let groups: number[];
  try {
    const footer = flatBuffer(readArrowFooter(file));
    const root = footer.table(footer.follow(0));
    columns = readArrowColumns(footer, tableAt(footer, root.field(1)));
    blocks = readBlocks(footer, root.field(3));
    groups = blocks.map((block) => readBatch(file, block).rows);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} is not a readable Arrow file: ${messageOf(error)}.`, error);
  }
  return {
    columns: columns.map(({ name, type, kind }) => ({
      name,
      type,
      numeric: kind !== undefined,
      numberType: numberTypeOf(kind),
      exact: kind === undefined || isDecimal(kind) || !/32$|64$/.test(kind),
    })),
    groups,
    entries: blocks.length * 4 + columns.length * 10,
    async decode(opened, group, from, to, wanted) {
      const batch = readBatch(opened, blocks[group]!);
      // The columns of a fixed-size list share a buffer.
      const shared = new Map<number, Uint8Array<ArrayBuffer> | undefined>();
      return wanted.map((index) => {
        const column = columns[index]!;
        try {
          return decodeColumn(opened, batch, column, from, to, shared);
        } catch (error) {
          if (error instanceof VadiError) throw error;
          throw failure(
            `Could not read column ${column.name} in record batch ${group} of ${path}: ${messageOf(error)}.`,
            error,
          );
        }
      });
    },
  };
}

type DecimalKind = Extract<NumberKind, `decimal${number}`>;

function isDecimal(kind: NumberKind): kind is DecimalKind {
  return kind.startsWith("decimal");
}

function numberTypeOf(kind: NumberKind | undefined): NumberType {
  if (kind === undefined || kind === "double" || isDecimal(kind)) return "float64";
  return kind === "half" || kind === "single" ? "float32" : kind;
}

/** Bytes from … to−1 of a buffer; a compressed one is decompressed whole. Undefined where it is empty. */
function readBuffer(
  file: RandomAccessFile,
  batch: Batch,
  index: number,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { offset, bytes } = batch.buffer(index);
  if (bytes === 0 && to > from) return undefined;
  if (offset < 0 || bytes < 0) throw new Error("a buffer lies outside the file");
  const start = batch.body + offset;
  if (batch.codec === undefined) {
    if (to > bytes) throw new Error("a buffer is too short for its rows");
    return file.read(start + from, to - from);
  }
  // The length before compression stands first, −1 where the buffer is not compressed.
  const packed = file.read(start, bytes);
  const claimed = Number(new DataView(packed.buffer).getBigInt64(0, true));
  if (claimed === -1) {
    if (8 + to > bytes) throw new Error("a buffer is too short for its rows");
    return packed.slice(8 + from, 8 + to);
  }
  if (claimed < to || claimed > Math.max(BUFFER_BYTES, bytes * LARGEST_RATIO)) {
    throw new Error(`a buffer of ${bytes} bytes cannot hold ${claimed}`);
  }
  const body = packed.subarray(8);
  const unpacked =
    batch.codec === "LZ4"
      ? lz4FrameDecompress(body, claimed)
      : (compressors.ZSTD?.(body, claimed) ?? new Uint8Array(0));
  if (unpacked.byteLength !== claimed) throw new Error("a buffer has another length than it says");
  return Uint8Array.from(unpacked.subarray(from, to));
}

function decodeColumn(
  file: RandomAccessFile,
  batch: Batch,
  column: ArrowColumn,
  from: number,
  to: number,
  shared: Map<number, Uint8Array<ArrayBuffer> | undefined>,
): DecodedColumn {
  const { kind, item, width } = column;
  if (kind === undefined) throw new Error(`it is ${column.type}, which is not numeric`);
  const shift = batch.variadic
    .slice(0, column.viewsBefore)
    .reduce((sum, further) => sum + further, 0);
  const size = BYTES[kind];
  const rows = to - from;
  const place = column.values + shift;
  const bytes =
    shared.get(place) ?? readBuffer(file, batch, place, from * width * size, to * width * size);
  if (width > 1) shared.set(place, bytes);
  if (bytes === undefined && rows > 0) throw new Error("its values are not there");
  const { values, residuals } = isDecimal(kind)
    ? { values: decimalsOf(bytes ?? new Uint8Array(0), column, size, rows), residuals: undefined }
    : numbersOf(bytes ?? new Uint8Array(0), kind, item, width, rows);
  let missing: Uint8Array | undefined;
  const mark = (validity: number, stride: number, first: number): void => {
    const begin = from * stride + first;
    const last = (to - 1) * stride + first;
    if (rows === 0) return;
    const bits = readBuffer(file, batch, validity + shift, begin >> 3, (last >> 3) + 1);
    if (bits === undefined) return;
    for (let row = 0, bit = begin - (begin & ~7); row < rows; row++, bit += stride) {
      if (((bits[bit >> 3]! >> (bit & 7)) & 1) === 1) continue;
      missing ??= new Uint8Array(rows);
      missing[row] = 1;
      values[row] = NaN;
    }
  };
  mark(column.validity, width, item);
  if (column.listValidity !== undefined) mark(column.listValidity, 1, 0);
  const nulls = missing;
  return {
    values,
    ...(residuals && { residuals }),
    ...(nulls && {
      describe: (row: number) => (nulls[row] === 1 ? "missing (null)" : "not a number"),
    }),
  };
}

/** The decimals of a buffer: little-endian integers in two's complement, scaled. */
function decimalsOf(
  bytes: Uint8Array<ArrayBuffer>,
  { item, width, scale }: ArrowColumn,
  size: number,
  rows: number,
): Float64Array {
  const values = new Float64Array(rows);
  for (let row = 0, at = item * size; row < rows; row++, at += width * size) {
    values[row] = decimalToNumber(
      bigEndianInteger(bytes.subarray(at, at + size).toReversed()),
      scale,
    );
  }
  return values;
}

/** The numbers of a buffer, or every `width`-th of them from `item` on, as floats. */
function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  kind: Exclude<NumberKind, DecimalKind>,
  item: number,
  width: number,
  rows: number,
): { values: Float32Array | Float64Array; residuals?: Float64Array } {
  const all = typedNumbers(bytes, kind);
  const isSingle = kind === "single" || kind === "half";
  if (width === 1 && (all instanceof Float32Array || all instanceof Float64Array)) {
    return { values: all };
  }
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

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
