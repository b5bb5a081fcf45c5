import { failure, messageOf, VadiError } from "../../common/errors.js";
import { hashBytes } from "../../files/hash.js";
import type { TableFormat } from "../format/manifest.js";
import type { CsvPieces, Floats, ShardSource } from "../format/types.js";
import { openFile, type OpenFile } from "../format/open-file.js";
import { fileBlocks } from "../reading/blocks.js";
import { findColumns } from "../reading/choose-reading.js";
import { validRows } from "../reading/valid-rows.js";
import { unreadNumbers } from "../csv/number-notation.js";
import { formatOf } from "../reading/file-format.js";
import { openTableFile } from "../reading/open-table-file.js";
import type { FileColumn, TableFile } from "../format/table-file.js";

/** What a foreign file's metadata says. */
export interface FileFacts {
  file: string;
  format: TableFormat;
  bytes: number;
  rows: number;
  columns: FileColumn[];
  /** Hex SHA-256 of the footer, or of a complete CSV file. */
  footer: string;
  pieces?: CsvPieces;
}

/** What a pass over some columns of a file found. */
export interface FileScan {
  /** Rows of each block whose values are all valid, and their sum. */
  blockRows: Uint32Array;
  rows: number;
  /** For each column, the number of whole numbers that float32 rounds, and the first of them. */
  inexact: { count: number; example: number }[];
}

/** Rows that are searched for numbers in other notations. */
const NOTATION_ROWS = 1000;

/** Reads a file's footer; a CSV file, which has none, is read completely. */
export function inspectFile(path: string): Promise<FileFacts> {
  return withFile(path, async (file) => {
    const format = formatOf(file);
    if (format === "csv") return inspectCsv(file);
    const opened = await openTableFile(file, format, undefined);
    const footer =
      format === "parquet"
        ? (await import("../parquet/reader.js")).readParquetFooter(file)
        : (await import("../arrow/footer.js")).readArrowFooter(file);
    return { ...factsOf(file, format, opened), footer: hashBytes(footer) };
  });
}

async function inspectCsv(file: OpenFile): Promise<FileFacts> {
  const { scanCsv } = await import("../csv/scan.js");
  const { pieces, sha256 } = scanCsv(file);
  const opened = await openTableFile(file, "csv", pieces);
  const columns = await typesOfCsv(file, opened);
  return { ...factsOf(file, "csv", opened), columns, footer: sha256, pieces };
}

function factsOf(
  file: OpenFile,
  format: TableFormat,
  { columns, groups }: TableFile,
): Omit<FileFacts, "footer"> {
  const rows = groups.reduce((sum, count) => sum + count, 0);
  return { file: file.path, format, bytes: file.size, rows, columns: columns() };
}

/** A CSV file has no types: a column is numeric if at least half of the fields in the first piece are numbers. */
async function typesOfCsv(file: OpenFile, opened: TableFile): Promise<FileColumn[]> {
  const [rows] = opened.groups;
  const columns = opened.columns();
  if (rows === undefined) return columns;
  const decoded = await opened.select([...columns.keys()]).decode(file, 0, 0, rows);
  return columns.map((column, index) => {
    const { values = new Float64Array(0), text, where } = decoded[index] ?? {};
    let numbers = 0;
    for (const value of values) if (!Number.isNaN(value)) numbers++;
    const numeric = 2 * numbers >= rows;
    if (numeric || text === undefined || where === undefined) return { ...column, numeric };
    const fields = Array.from({ length: Math.min(rows, NOTATION_ROWS) }, (_, row) => text(row));
    const unread = unreadNumbers(fields, where);
    return { ...column, numeric, ...(unread && { unread }) };
  });
}

/** Reads all values of a source's columns: counts valid rows, and whole numbers that float32 rounds. */
export function scanFile({ file: path, format, foreign }: ShardSource): Promise<FileScan> {
  return withFile(path, async (file) => {
    if (foreign === undefined) throw new Error("Only foreign files are scanned.");
    const opened = await openTableFile(file, format, foreign.pieces);
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
    throw failure(`Could not open ${path}: ${messageOf(error)}.`, error);
  }
  try {
    return await run(file);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} cannot be read: ${messageOf(error)}.`, error);
  } finally {
    file.close();
  }
}
