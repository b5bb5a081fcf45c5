import { parse } from "csv-parse/sync";
import { quote } from "../../common/text/quote.js";
import { failure, messageOf } from "../../common/errors.js";
import type { RandomAccessFile, CsvPieces } from "../format/types.js";
import { RECORDS } from "./scan.js";
import type { DecodedColumn, TableFile } from "../format/table-file.js";

/**
 * Opens a CSV file that has been scanned. All its columns count as numeric; text in them is an invalid
 * value.
 */
export function openCsvFile(path: string, pieces: CsvPieces): TableFile {
  return {
    columns: () =>
      pieces.columns.map((name) => ({
        name,
        type: "text",
        numeric: true,
        numberType: "float64",
        exact: true,
      })),
    groups: Array.from(pieces.rows),
    entries: pieces.rows.length * 3,
    select: (columns) => ({
      plain: () => undefined,
      async decode(file, group, from, to) {
        const records = readPiece(file, path, pieces, group);
        const line = (row: number): number => lineOf(file, pieces, group, from + row);
        return columns.map((column) => decodeColumn(records, column, from, to, line));
      },
    }),
  };
}

function pieceBytes(file: RandomAccessFile, pieces: CsvPieces, group: number): Buffer {
  const start = pieces.starts[group]!;
  return Buffer.from(file.read(start, pieces.starts[group + 1]! - start).buffer);
}

/** The records of a piece, each with as many fields as the header. */
function readPiece(
  file: RandomAccessFile,
  path: string,
  pieces: CsvPieces,
  group: number,
): string[][] {
  const { delimiter, columns } = pieces;
  let records: string[][];
  try {
    records = parse(pieceBytes(file, pieces, group), {
      ...RECORDS,
      delimiter,
      relax_column_count: true,
    });
  } catch (error) {
    // The parser counts lines from the piece's start.
    const message = messageOf(error).replace(
      /(at|on) line (\d+)/,
      (_, word: string, line: string) => `${word} line ${pieces.lines[group]! + Number(line) - 1}`,
    );
    throw failure(`${path} is not valid CSV: ${message}.`, error);
  }
  if (records.length !== pieces.rows[group]) {
    throw failure(`${path} has changed since it was opened; open it again.`);
  }
  const wrong = records.findIndex((record) => record.length !== columns.length);
  if (wrong >= 0) {
    throw failure(
      `${path} has ${records[wrong]!.length} fields in line ${lineOf(file, pieces, group, wrong)}, but its header has ${columns.length}.`,
    );
  }
  return records;
}

/** The number of the line in which a record starts, counted from 1. */
function lineOf(file: RandomAccessFile, pieces: CsvPieces, group: number, row: number): number {
  const parsed: unknown = parse(pieceBytes(file, pieces, group), {
    ...RECORDS,
    delimiter: pieces.delimiter,
    relax_column_count: true,
    info: true,
    to: row + 1,
  });
  // The parser counts the lines up to the record's end; quoted fields may have several.
  const infos = parsed as { record: string[]; info: { lines: number } }[];
  const { record, info } = infos[row]!;
  const within = record.reduce((sum, field) => sum + field.split("\n").length - 1, 0);
  return pieces.lines[group]! + info.lines - 1 - within;
}

/** Numbers in JavaScript that are none in a table: 0x10, 0b1, 0o7. */
const PREFIXED = /^\s*0[box]/i;
const SPACE = 32;
const NINE = 57;

/** A field as a number: decimal notation only; NaN for anything else. */
function numberOf(field: string): number {
  const value = Number(field);
  if (value === 0) {
    // Empty is not zero.
    return /\d/.test(field) && !PREFIXED.test(field) ? value : NaN;
  }
  // Only fields that start with a space or have a letter as second character can have a prefix.
  const isOdd = field.charCodeAt(1) > NINE || field.charCodeAt(0) <= SPACE;
  return isOdd && PREFIXED.test(field) ? NaN : value;
}

function decodeColumn(
  records: readonly string[][],
  column: number,
  from: number,
  to: number,
  line: (row: number) => number,
): DecodedColumn {
  const values = new Float64Array(to - from);
  for (let row = from; row < to; row++) values[row - from] = numberOf(records[row]![column]!);
  return {
    values,
    describe(row) {
      const field = records[from + row]![column]!;
      if (field.trim() === "") return "missing (empty)";
      return `${quote(field)}, not a number`;
    },
    text: (row) => records[from + row]![column]!,
    where: (row) => `line ${line(row)}`,
  };
}
