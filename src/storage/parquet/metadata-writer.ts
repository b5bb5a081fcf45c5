import { createCompactWriter, type CompactWriter } from "./thrift-writer.js";
import type { Compression } from "../format/compression.js";

/*
 * The parts of Parquet's metadata (apache/parquet-format, src/main/thrift/parquet.thrift) that files of
 * required FLOAT columns need, with the numbers of its fields.
 */

const FLOAT = 4;
const REQUIRED = 0;
const DATA_PAGE = 0;
const PLAIN = 0;
const RLE = 3;
const CODECS: Readonly<Record<Compression, number>> = { none: 0, snappy: 1, zstd: 6 };

/** Page versions 1 and plain values: readers of the first version of the format understand the files. */
const FORMAT_VERSION = 1;

/** A column chunk of one page, as it lies in the file. */
export interface ColumnChunk {
  name: string;
  /** Where its page's header starts. */
  offset: number;
  /** With the page's header, in bytes. */
  compressedBytes: number;
  uncompressedBytes: number;
  /** −0 where the least is 0, +0 where the most is; undefined where all values are NaN. */
  least: number | undefined;
  most: number | undefined;
}

/** The header of a page of plain values, none missing. `bytes` are the values', before and after compression. */
export function pageHeader(rows: number, bytes: number, compressedBytes: number): Uint8Array {
  const writer = createCompactWriter();
  writer.element(() => {
    writer.i32(1, DATA_PAGE);
    writer.i32(2, bytes);
    writer.i32(3, compressedBytes);
    writer.struct(5, () => {
      writer.i32(1, rows);
      writer.i32(2, PLAIN);
      // Of the levels, which required columns do not have.
      writer.i32(3, RLE);
      writer.i32(4, RLE);
    });
  });
  return writer.bytes();
}

function floatBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

function writeStatistics(writer: CompactWriter, { least, most }: ColumnChunk): void {
  writer.i64(3, 0);
  if (least === undefined || most === undefined) return;
  writer.binary(5, floatBytes(most));
  writer.binary(6, floatBytes(least));
  writer.flag(7, true);
  writer.flag(8, true);
}

/** The footers of a file: takes its row groups one after the other. */
export interface FooterWriter {
  addRowGroup(rows: number, chunks: readonly ColumnChunk[]): void;
  /** The footer with its length and the closing magic bytes: the end of the file. */
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
  const groups = createCompactWriter();
  let groupCount = 0;
  let totalRows = 0;
  const writeChunk = (rows: number, chunk: ColumnChunk): void => {
    groups.i64(2, chunk.offset);
    groups.struct(3, () => {
      groups.i32(1, FLOAT);
      groups.i32s(2, [PLAIN]);
      groups.strings(3, [chunk.name]);
      groups.i32(4, CODECS[compression]);
      groups.i64(5, rows);
      groups.i64(6, chunk.uncompressedBytes);
      groups.i64(7, chunk.compressedBytes);
      groups.i64(9, chunk.offset);
      groups.struct(12, () => writeStatistics(groups, chunk));
    });
  };
  return {
    addRowGroup(rows, chunks) {
      const sum = (key: "compressedBytes" | "uncompressedBytes"): number =>
        chunks.reduce((bytes, chunk) => bytes + chunk[key], 0);
      groups.element(() => {
        groups.structs(1, chunks, (chunk) => writeChunk(rows, chunk));
        groups.i64(2, sum("uncompressedBytes"));
        groups.i64(3, rows);
        groups.i64(5, chunks[0]?.offset ?? 0);
        groups.i64(6, sum("compressedBytes"));
        // The field has 16 bits; it may be left out.
        if (groupCount < 2 ** 15) groups.i16(7, groupCount);
      });
      groupCount++;
      totalRows += rows;
    },
    finish() {
      const writer = createCompactWriter();
      writer.element(() => {
        writer.i32(1, FORMAT_VERSION);
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
        writer.i64(3, totalRows);
        writer.encodedStructs(4, groupCount, groups.bytes());
        writer.structs(5, metadata, ([key, value]) => {
          writer.binary(1, key);
          writer.binary(2, value);
        });
        writer.binary(6, createdBy);
        // The columns' order is their type's; without this, readers pay no heed to the statistics.
        writer.structs(7, names, () => writer.struct(1, () => {}));
      });
      const footer = writer.bytes();
      const end = new Uint8Array(footer.length + 8);
      end.set(footer);
      new DataView(end.buffer).setUint32(footer.length, footer.length, true);
      end.set(PARQUET_MAGIC, footer.length + 4);
      return end;
    },
  };
}

/** PAR1: the first and the last bytes of a file. */
export const PARQUET_MAGIC: Readonly<Uint8Array> = new TextEncoder().encode("PAR1");
