import { createThriftWriter, type ThriftWriter } from "./thrift-writer.js";
import type { Compression } from "../format/compression.js";

/*
 * Writes the parts of Parquet's metadata (apache/parquet-format, src/main/thrift/parquet.thrift) that
 * files of required FLOAT columns need. Numbers of fields are those of the Thrift file.
 */

const FLOAT = 4;
const REQUIRED = 0;
const DATA_PAGE = 0;
const PLAIN = 0;
const RLE = 3;
const CODECS: Readonly<Record<Compression, number>> = { none: 0, snappy: 1, zstd: 6 };

/** Pages are of version 1, and values are plain, so that readers of the first version understand the files. */
const FORMAT_VERSION = 1;

/** A column chunk of one page, as it is written. */
export interface WrittenChunk {
  name: string;
  /** Offset in the file of the page's header. */
  offset: number;
  /** The page's header included. */
  compressedBytes: number;
  uncompressedBytes: number;
  /** −0 where the least is 0, +0 where the most is; undefined where all values are NaN. */
  least: number | undefined;
  most: number | undefined;
}

/**
 * The header of a page of plain values, none missing.
 *
 * @param bytes of the values before compression
 */
export function pageHeader(rows: number, bytes: number, compressedBytes: number): Uint8Array {
  const writer = createThriftWriter();
  writer.element(() => {
    writer.i32(1, DATA_PAGE);
    writer.i32(2, bytes);
    writer.i32(3, compressedBytes);
    writer.struct(5, () => {
      writer.i32(1, rows);
      writer.i32(2, PLAIN);
      // The encodings of levels, which required columns do not have.
      writer.i32(3, RLE);
      writer.i32(4, RLE);
    });
  });
  return writer.bytes();
}

/** Writes the footer of a file, which describes its row groups. */
export interface FooterWriter {
  addRowGroup(rows: number, chunks: readonly WrittenChunk[]): void;
  /** The end of the file: the footer, its length and the closing magic bytes. */
  finish(): Uint8Array;
}

/**
 * @param names of the columns
 * @param metadata keys and values
 * @param createdBy the program that writes the file
 */
export function createFooterWriter(
  names: readonly string[],
  metadata: readonly (readonly [string, string])[],
  compression: Compression,
  createdBy: string,
): FooterWriter {
  const groups = createThriftWriter();
  let groupCount = 0;
  let totalRows = 0;
  return {
    addRowGroup(rows, chunks) {
      writeRowGroup(groups, groupCount, rows, chunks, CODECS[compression]);
      groupCount++;
      totalRows += rows;
    },
    finish() {
      const writer = createThriftWriter();
      writer.element(() => {
        writer.i32(1, FORMAT_VERSION);
        writeSchema(writer, names);
        writer.i64(3, totalRows);
        writer.encodedStructs(4, groupCount, groups.bytes());
        writer.structs(5, metadata, ([key, value]) => {
          writer.binary(1, key);
          writer.binary(2, value);
        });
        writer.binary(6, createdBy);
        // The order of values is that of their type. Without this field, readers ignore the statistics.
        writer.structs(7, names, () => writer.struct(1, () => {}));
      });
      return withTail(writer.bytes());
    },
  };
}

/** The schema: a root with the columns as its children. */
function writeSchema(writer: ThriftWriter, names: readonly string[]): void {
  writer.structs(2, [undefined, ...names], (name) => {
    if (name === undefined) {
      writer.binary(4, "schema");
      writer.i32(5, names.length);
    } else {
      writer.i32(1, FLOAT);
      writer.i32(3, REQUIRED);
      writer.binary(4, name);
    }
  });
}

function writeRowGroup(
  writer: ThriftWriter,
  number: number,
  rows: number,
  chunks: readonly WrittenChunk[],
  codec: number,
): void {
  const sum = (key: "compressedBytes" | "uncompressedBytes"): number =>
    chunks.reduce((bytes, chunk) => bytes + chunk[key], 0);
  writer.element(() => {
    writer.structs(1, chunks, (chunk) => writeChunk(writer, rows, chunk, codec));
    writer.i64(2, sum("uncompressedBytes"));
    writer.i64(3, rows);
    writer.i64(5, chunks[0]?.offset ?? 0);
    writer.i64(6, sum("compressedBytes"));
    // The field has 16 bits; it is optional.
    if (number < 2 ** 15) writer.i16(7, number);
  });
}

function writeChunk(writer: ThriftWriter, rows: number, chunk: WrittenChunk, codec: number): void {
  writer.i64(2, chunk.offset);
  writer.struct(3, () => {
    writer.i32(1, FLOAT);
    writer.i32s(2, [PLAIN]);
    writer.strings(3, [chunk.name]);
    writer.i32(4, codec);
    writer.i64(5, rows);
    writer.i64(6, chunk.uncompressedBytes);
    writer.i64(7, chunk.compressedBytes);
    writer.i64(9, chunk.offset);
    writer.struct(12, () => writeStatistics(writer, chunk));
  });
}

function writeStatistics(writer: ThriftWriter, { least, most }: WrittenChunk): void {
  writer.i64(3, 0);
  if (least === undefined || most === undefined) return;
  writer.binary(5, floatBytes(most));
  writer.binary(6, floatBytes(least));
  writer.flag(7, true);
  writer.flag(8, true);
}

function floatBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

/** A footer followed by its length and the magic bytes. */
function withTail(footer: Uint8Array): Uint8Array {
  const end = new Uint8Array(footer.length + 8);
  end.set(footer);
  new DataView(end.buffer).setUint32(footer.length, footer.length, true);
  end.set(PARQUET_MAGIC, footer.length + 4);
  return end;
}

/** PAR1: the first and the last bytes of a file. */
export const PARQUET_MAGIC: Readonly<Uint8Array> = new TextEncoder().encode("PAR1");
