import {
  parquetMetadataAsync,
  parquetRead,
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
} from "hyparquet";
import { failure } from "../common/errors.js";
import { decompressors } from "./compression.js";
import { parquetColumns } from "./parquet-writer.js";
import type { RandomAccessFile, RowTarget, ShardIndex } from "./shard-reader.js";

/** A data page's header is a few dozen bytes; a longer rest means more than one page. */
const HEADER_BYTES = 256;

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
    if (!Number.isInteger(rows) || rows < 0 || group.columns.length !== names.length) {
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

  const readPlain = (
    opened: RandomAccessFile,
    values: number[],
    skip: number,
    rows: number,
    target: RowTarget,
    at: number,
  ): void => {
    const column = new Float32Array(rows);
    const bytes = new Uint8Array(column.buffer);
    for (let index = 0; index < features; index++) {
      opened.readInto(bytes, (values[index] ?? 0) + skip * 4);
      spread(column, 0, rows, target.x, at * features + index, features);
    }
    opened.readInto(bytes, (values[features] ?? 0) + skip * 4);
    target.y.set(column, at);
  };

  const readDecoded = async (
    opened: RandomAccessFile,
    group: GroupPlace,
    first: number,
    rows: number,
    target: RowTarget,
    at: number,
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
        if (index === features) spread(columnData, from - rowStart, to - from, target.y, put, 1);
        else {
          spread(
            columnData,
            from - rowStart,
            to - from,
            target.x,
            put * features + index,
            features,
          );
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
    async read(opened, first, rows, target, at) {
      for (const group of groups) {
        const from = Math.max(first, group.firstRow);
        const to = Math.min(first + rows, group.firstRow + group.rows);
        if (from >= to) continue;
        const put = at + from - first;
        if (group.values === undefined)
          await readDecoded(opened, group, from, to - from, target, put);
        else readPlain(opened, group.values, from - group.firstRow, to - from, target, put);
      }
    },
  };
}

/** Copies `count` values from `from` on to every `stride`-th place of the target. */
function spread(
  values: ArrayLike<unknown>,
  from: number,
  count: number,
  target: Float32Array,
  at: number,
  stride: number,
): void {
  const numbers = values as ArrayLike<number>;
  for (let index = 0, to = at; index < count; index++, to += stride) {
    target[to] = numbers[from + index] ?? NaN;
  }
}
