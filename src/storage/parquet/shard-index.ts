import {
  parquetMetadataAsync,
  parquetSchema,
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
} from "hyparquet";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import { blocksOf, keptBlock, spreadRows, type DecodedBlock } from "../format/decoded-block.js";
import { decodeColumn } from "./column.js";
import { parquetColumns } from "./writer.js";
import { recordBatchRows } from "../format/shard-format.js";
import type { RandomAccessFile, RowTarget, ShardIndex } from "../format/types.js";
import {
  spreadColumn,
  tileRows,
  type Floats,
  type Standardization,
} from "../format/standardize.js";

/** A data page's header is a few dozen bytes; a longer rest means more than one page. */
const HEADER_BYTES = 256;

/** Values that are read from plain columns at once: 4 MiB of them, more only for very wide rows. */
const SLICE_VALUES = 1024 * 1024;

interface GroupPlace {
  firstRow: number;
  rows: number;
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
  version: string,
  features: number,
): Promise<ShardIndex> {
  const key = JSON.stringify([file.path, version, features]);
  const buffer = asyncBuffer(file);
  const metadata = await parquetMetadataAsync(buffer);
  const names = parquetColumns(features);
  checkSchema(file, metadata, names);
  const isOurs = metadata.created_by?.startsWith("vadi ") ?? false;
  const groups: GroupPlace[] = [];
  let total = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
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
    const starts = group.columns.map(({ meta_data: column }) =>
      column === undefined || !isOurs ? undefined : plainValues(column, rows, file.size),
    );
    const values = starts.filter((place) => place !== undefined);
    groups.push({
      firstRow: total,
      rows,
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

  const schema = parquetSchema(metadata);
  const decode = async (
    opened: RandomAccessFile,
    group: number,
    from: number,
    to: number,
  ): Promise<DecodedBlock> => {
    const columns: Floats[] = [];
    for (const [index, name] of names.entries()) {
      const meta = metadata.row_groups[group]?.columns[index]?.meta_data;
      const leaf = schema.children[index];
      const where = `column ${name} in row group ${group} of ${file.path}`;
      if (meta === undefined || leaf === undefined) {
        throw failure(`${file.path} is damaged: ${where} is not described.`);
      }
      try {
        const { values } = await decodeColumn(opened, meta, leaf, from, to, schema);
        columns.push(values);
      } catch (error) {
        if (error instanceof VadiError) throw error;
        throw failure(`Could not read ${where}: ${messageOf(error)}.`, error);
      }
    }
    return { columns, rows: to - from };
  };

  /** Of a group that is decoded: the rows from … to−1 of the file that lie in it. */
  const readDecoded = async (
    opened: RandomAccessFile,
    group: number,
    from: number,
    to: number,
    target: RowTarget,
    at: number,
    standardize: Standardization | undefined,
  ): Promise<void> => {
    const place = groups[group]!;
    for (const block of blocksOf([place.rows], recordBatchRows(features))) {
      const first = place.firstRow + block.from;
      const begin = Math.max(from, first);
      const end = Math.min(to, place.firstRow + block.to);
      if (begin >= end) continue;
      const { columns } = await keptBlock(`${group} ${block.from} ${key}`, () =>
        decode(opened, group, block.from, block.to),
      );
      spreadRows(columns, begin - first, end - begin, target, at + begin - from, standardize);
    }
  };

  return {
    rows: total,
    // A column chunk is described by some ten numbers and names.
    entries: groups.length * names.length * 10,
    async read(opened, first, rows, target, at, standardize) {
      for (const [number, group] of groups.entries()) {
        const from = Math.max(first, group.firstRow);
        const to = Math.min(first + rows, group.firstRow + group.rows);
        if (from >= to) continue;
        const put = at + from - first;
        const skip = from - group.firstRow;
        if (group.values === undefined) {
          await readDecoded(opened, number, from, to, target, put, standardize);
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
