import { shellWord } from "../../common/command-line.js";
import { failure, reasonOf, VadiError } from "../../common/errors.js";
import { hashBytes } from "../../files/hash.js";
import type { TableFormat } from "../format/manifest.js";
import type { Floats, ShardSource } from "../format/types.js";
import { openFile, type OpenFile } from "../format/open-file.js";
import { fileBlocks } from "../reading/blocks.js";
import { findColumns } from "../reading/choose-reading.js";
import { validRows } from "../reading/valid-rows.js";
import { FORMAT_NAMES, formatOf, type SourceFormat } from "../reading/file-format.js";
import { openTableFile } from "../reading/open-table-file.js";
import type { FileColumn, TableFile } from "../format/table-file.js";

/** What a foreign file's metadata says. */
export interface FileFacts {
  file: string;
  format: TableFormat;
  bytes: number;
  rows: number;
  columns: FileColumn[];
  /** Hex SHA-256 of the footer; of an Arrow stream, of the headers of its messages. */
  footer: string;
}

/** What a pass over some columns of a file found. */
export interface FileScan {
  /** Rows of each block whose values are all valid, and their sum. */
  blockRows: Uint32Array;
  rows: number;
  /** For each column, the number of whole numbers that float32 rounds, and the first of them. */
  inexact: { count: number; example: number }[];
}

/** Reads a file's footer. */
export function inspectFile(path: string): Promise<FileFacts> {
  return withFile(path, async (file) => {
    const format = formatOf(file);
    if (format !== "parquet" && format !== "arrow") throw notDirect(path, format);
    const opened = await openTableFile(file, format);
    const footer =
      format === "parquet"
        ? hashBytes((await import("../parquet/reader.js")).readParquetFooter(file))
        : (await import("../arrow/layout.js")).hashLayout(file);
    return { ...factsOf(file, format, opened), footer };
  });
}

/** Whether the numbers of some columns lie in the first row group of a file as they are in memory. */
export function isPlain(
  path: string,
  format: TableFormat,
  names: readonly string[],
): Promise<boolean> {
  return withFile(path, async (file) => {
    const opened = await openTableFile(file, format);
    if (opened.groups.length === 0) return false;
    return opened.select(findColumns(path, opened, names)).plain(file, 0) !== undefined;
  });
}

/** The error for a file that `convert` reads, but no command that reads the same rows again and again. */
export function notDirect(path: string, format: SourceFormat): Error {
  return failure(
    (option) =>
      `${path} is ${FORMAT_NAMES[format]}, which must be converted first: run vadi convert ${shellWord(path)} ${option("target")} COLUMN ${option("out")} DIR, and use DIR instead.`,
  );
}

/** The format of a file, by its first bytes or its name. */
export function formatOfFile(path: string): Promise<SourceFormat> {
  return withFile(path, async (file) => formatOf(file));
}

function factsOf(
  file: OpenFile,
  format: TableFormat,
  { columns, groups }: TableFile,
): Omit<FileFacts, "footer"> {
  const rows = groups.reduce((sum, count) => sum + count, 0);
  return { file: file.path, format, bytes: file.size, rows, columns: columns() };
}

/** Reads all values of a source's columns: counts valid rows, and whole numbers that float32 rounds. */
export function scanFile({ file: path, format, foreign }: ShardSource): Promise<FileScan> {
  return withFile(path, async (file) => {
    if (foreign === undefined) throw new Error("Only foreign files are scanned.");
    const opened = await openTableFile(file, format);
    const positions = findColumns(path, opened, foreign.columns);
    const all = opened.columns();
    const reader = opened.select(positions);
    const blockRows: number[] = [];
    const inexact = positions.map(() => ({ count: 0, example: 0 }));
    for (const { group, from, to } of fileBlocks(opened.groups, positions.length)) {
      const columns = await reader.decode(file, group, from, to);
      const valid = validRows(columns, to - from);
      blockRows.push(valid === undefined ? to - from : countOf(valid));
      for (const [index, { values }] of columns.entries()) {
        if (!all[positions[index]!]!.exact) countInexact(values, inexact[index]!);
      }
    }
    const rows = blockRows.reduce((sum, count) => sum + count, 0);
    return { blockRows: Uint32Array.from(blockRows), rows, inexact };
  });
}

function countOf(marks: Uint8Array): number {
  return marks.reduce((sum, one) => sum + one, 0);
}

function countInexact(values: Floats, found: FileScan["inexact"][number]): void {
  for (const value of values) {
    if (Math.fround(value) === value || Number.isNaN(value)) continue;
    if (found.count++ === 0) found.example = value;
  }
}

/** Opens a file, and closes it at the end. Every error names the file. */
async function withFile<Result>(
  path: string,
  run: (file: OpenFile) => Promise<Result>,
): Promise<Result> {
  let file: OpenFile;
  try {
    file = openFile(path);
  } catch (error) {
    throw failure(`Could not open ${path}: ${reasonOf(error)}.`, error);
  }
  try {
    return await run(file);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} cannot be read: ${reasonOf(error)}.`, error);
  } finally {
    file.close();
  }
}
