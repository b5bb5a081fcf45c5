import {
  parquetMetadataAsync,
  parquetRead,
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
} from "hyparquet";
import { failure } from "../common/errors.js";
import { decompressors } from "./decompression.js";
import { parquetColumns } from "./parquet-writer.js";
import type { RandomAccessFile, RowTarget, ShardIndex } from "./shard-reader.js";
import { spreadColumn, tileRows, type Floats, type Standardization } from "./standardize.js";

/** A data page's header is a few dozen bytes; a longer rest means more than one page. */
const HEADER_BYTES = 256;

/** Values that are read from plain columns at once: 4 MiB of them, more only for very wide rows. */
const SLICE_VALUES = 1024 * 1024;

interface GroupPlace {
  firstRow: number;
  rows: number;
  /** First byte of its columns, and one past the last. */
  start: number;
  end: number;
  /** Where each column's values start in the file, if they lie there plain; else the group is decoded. */
  values: number[] | undefined;
}

function asyncBuffer(file: RandomAccessFile): AsyncBuffer {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      const from = start < 0 ? file.size + start : start;
      return file.read(from, end - from).buffer;
    },
  };
}

/**
 * A row group's bytes, read beforehand: hyparquet asks for many pieces at once, and a second one that
 * cannot be read would be a rejection that nobody waits for. What lies elsewhere is empty.
 */
function groupBuffer(file: RandomAccessFile, { start, end }: GroupPlace): AsyncBuffer {
  const bytes = file.read(start, end - start).buffer;
  return {
    byteLength: file.size,
    slice: (from, to = file.size) =>
      from < start || to > end ? new ArrayBuffer(0) : bytes.slice(from - start, to - start),
  };
}

/** First byte of a column chunk, and one past its last. */
function columnRange(column: ColumnMetaData | undefined): { start: number; end: number } {
  if (column === undefined) return { start: NaN, end: NaN };
  const first = Number(column.data_page_offset);
  const start = Math.min(first, Number(column.dictionary_page_offset ?? first));
  return { start, end: start + Number(column.total_compressed_size) };
}

/**
 * Where the values of a column chunk start, if vadi wrote it uncompressed: one plain page, whose
 * values end the chunk.
 */
function plainValues(column: ColumnMetaData, rows: number, fileSize: number): number | undefined {
  const start = Number(column.data_page_offset);
  const size = Number(column.total_compressed_size);
  const header = size - rows * 4;
  const isPlain =
    column.codec === "UNCOMPRESSED" &&
    column.dictionary_page_offset === undefined &&
    column.encodings.every((encoding) => encoding === "PLAIN") &&
    Number(column.num_values) === rows &&
    header > 0 &&
    header < HEADER_BYTES &&
    start >= 4 &&
    start + size <= fileSize;
  return isPlain ? start + header : undefined;
}

function checkSchema(
  file: RandomAccessFile,
  metadata: FileMetaData,
  names: readonly string[],
): void {
  const columns = metadata.schema.slice(1);
  const wrong = names.find((name, index) => {
    const column = columns[index];
    return (
      column?.name !== name || column.type !== "FLOAT" || column.repetition_type !== "REQUIRED"
    );
  });
  if (wrong !== undefined || columns.length !== names.length) {
    throw failure(
      `${file.path} has other columns than its manifest says: expected required FLOAT columns ${names[0]} … y${wrong === undefined ? "" : `, and ${wrong} is not one`}.`,
    );
  }
}

/** Finds the row groups of a Parquet shard: plain values are read from their place, anything else is decoded. */
export async function readParquetIndex(
  file: RandomAccessFile,
  features: number,
): Promise<ShardIndex> {
  const buffer = asyncBuffer(file);
  const metadata = await parquetMetadataAsync(buffer);
  const names = parquetColumns(features);
  checkSchema(file, metadata, names);
  const isOurs = metadata.created_by?.startsWith("vadi ") ?? false;
  const groups: GroupPlace[] = [];
  let total = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    // hyparquet would read two columns of one name, and nobody would wait for the second to fail.
    const isInOrder = group.columns.every(
      ({ meta_data: column }, index) => column?.path_in_schema.join(".") === names[index],
    );
    if (
      !Number.isInteger(rows) ||
      rows < 0 ||
      group.columns.length !== names.length ||
      !isInOrder
    ) {
      throw failure(`${file.path} is damaged: a row group has ${rows} rows or other columns.`);
    }
    let start = Infinity;
    let end = 0;
    for (const { meta_data: column } of group.columns) {
      const range = columnRange(column);
      start = Math.min(start, range.start);
      end = Math.max(end, range.end);
    }
    if (!(start >= 0 && start <= end && end <= file.size)) {
      throw failure(`${file.path} is damaged: a row group names bytes outside the file.`);
    }
    const starts = group.columns.map(({ meta_data: column }) =>
      column === undefined || !isOurs ? undefined : plainValues(column, rows, file.size),
    );
    const values = starts.filter((place) => place !== undefined);
    groups.push({
      firstRow: total,
      rows,
      start,
      end,
      values: values.length === names.length ? values : undefined,
    });
    total += rows;
  }

  /** Rows whose columns are on their way at once. */
  const slice = Math.max(1, Math.floor(SLICE_VALUES / names.length));
  const readPlain = (
    opened: RandomAccessFile,
    values: number[],
    skip: number,
    rows: number,
    target: RowTarget,
    at: number,
    standardize: Standardization | undefined,
  ): void => {
    const columns = columnScratch(names.length, rows);
    for (let column = 0; column < names.length; column++) {
      opened.readInto(
        new Uint8Array(columns.buffer, column * rows * 4, rows * 4),
        (values[column] ?? 0) + skip * 4,
      );
    }
    const tile = tileRows(names.length);
    for (let row = 0; row < rows; row += tile) {
      const count = Math.min(tile, rows - row);
      const put = (at + row) * features;
      for (let column = 0; column < features; column++) {
        const from = column * rows + row;
        spreadColumn(columns, from, count, target.x, put + column, features, column, standardize);
      }
    }
    spreadColumn(columns, features * rows, rows, target.y, at, 1, features, standardize);
  };

  const readDecoded = async (
    opened: RandomAccessFile,
    group: GroupPlace,
    first: number,
    rows: number,
    target: RowTarget,
    at: number,
    standardize: Standardization | undefined,
  ): Promise<void> => {
    let found = 0;
    await parquetRead({
      file: groupBuffer(opened, group),
      metadata,
      compressors: decompressors,
      useOffsetIndex: false,
      rowStart: first,
      rowEnd: first + rows,
      onChunk({ columnName, columnData, rowStart, rowEnd }) {
        const from = Math.max(first, rowStart);
        const to = Math.min(first + rows, rowEnd);
        if (from >= to) return;
        const index = names.indexOf(columnName);
        const put = at + from - first;
        if (index < 0 || columnData.length < to - rowStart) return;
        found += to - from;
        const values = floatsOf(columnData);
        const count = to - from;
        const skip = from - rowStart;
        if (index === features) {
          spreadColumn(values, skip, count, target.y, put, 1, index, standardize);
        } else {
          const place = put * features + index;
          spreadColumn(values, skip, count, target.x, place, features, index, standardize);
        }
      },
    });
    if (found !== rows * names.length) {
      throw failure(`${file.path} is damaged: it has too few values for its rows.`);
    }
  };

  return {
    rows: total,
    // A column chunk is described by some ten numbers and names.
    entries: groups.length * names.length * 10,
    async read(opened, first, rows, target, at, standardize) {
      for (const group of groups) {
        const from = Math.max(first, group.firstRow);
        const to = Math.min(first + rows, group.firstRow + group.rows);
        if (from >= to) continue;
        const put = at + from - first;
        const skip = from - group.firstRow;
        if (group.values === undefined) {
          await readDecoded(opened, group, from, to - from, target, put, standardize);
          continue;
        }
        for (let done = 0; done < to - from; done += slice) {
          const count = Math.min(slice, to - from - done);
          readPlain(opened, group.values, skip + done, count, target, put + done, standardize);
        }
      }
    },
  };
}

/** Columns on their way to rows; kept from one read to the next, and grown to the largest. */
let keptColumns = new Float32Array(0);

function columnScratch(columns: number, rows: number): Float32Array {
  if (keptColumns.length < columns * rows) keptColumns = new Float32Array(columns * rows);
  return keptColumns;
}

/** A decoded column of a shard: required floats, so typed already unless the file is damaged. */
function floatsOf(values: ArrayLike<unknown>): Floats {
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  return Float64Array.from(values, Number);
}
