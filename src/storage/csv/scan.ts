import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import { failure, messageOf } from "../../common/errors.js";
import type { CsvPieces, RandomAccessFile } from "../format/types.js";

const READ_BYTES = 1024 * 1024;
/** A piece ends with the first record that ends after this many bytes. */
const PIECE_BYTES = 512 * 1024;
/** No record is larger: an unclosed quote would turn the rest of the file into one record. */
const RECORD_BYTES = 64 * 1024 * 1024;

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

/** Options for which the parser finds the same records as the scan. */
export const RECORDS: { record_delimiter: string[]; skip_empty_lines: true } = {
  record_delimiter: ["\r\n", "\n"],
  skip_empty_lines: true,
};

/** A CSV file's pieces and the SHA-256 of its bytes, which stands for the footer that it does not have. */
export interface ScannedCsv {
  pieces: CsvPieces;
  sha256: string;
}

/**
 * Reads a CSV file once and divides it into pieces of complete records.
 *
 * @throws a failure that names the file and line
 */
export function scanCsv(file: RandomAccessFile): ScannedCsv {
  checkEncoding(file);
  const hash = createHash("sha256");
  const collector = createPieceCollector(file);
  scanRecords(file, (bytes) => hash.update(bytes), collector.add);
  return { pieces: collector.finish(), sha256: hash.digest("hex") };
}

/**
 * Takes a record: its first byte, one past its last (the same for an empty line), the first byte of
 * the next record, and the line in which that starts.
 */
type TakeRecord = (start: number, end: number, next: number, nextLine: number) => void;

/**
 * Finds the records of a file. A line ends a record if the number of quotes before it is even
 * (RFC 4180: quotes within quotes are doubled).
 */
function scanRecords(
  { path, size, read }: RandomAccessFile,
  takeBytes: (bytes: Uint8Array) => void,
  takeRecord: TakeRecord,
): void {
  let line = 1;
  let isQuoted = false;
  let quoteLine = 0;
  let start = 0;
  let last = 0;
  const endRecord = (end: number, next: number): void => {
    const isEmpty = end === start || (end === start + 1 && last === RETURN);
    takeRecord(start, isEmpty ? start : end, next, line);
    start = next;
  };
  for (let at = 0; at < size;) {
    const bytes = read(at, Math.min(READ_BYTES, size - at));
    takeBytes(bytes);
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (byte === QUOTE) {
        isQuoted = !isQuoted;
        if (isQuoted) quoteLine = line;
      } else if (byte === NEWLINE) {
        line++;
        if (!isQuoted) endRecord(at + index, at + index + 1);
      }
      last = byte;
    }
    at += bytes.length;
    if (at - start > RECORD_BYTES) {
      throw failure(
        `${path} has a record of more than 64 MiB that starts before line ${line}; is the quote in line ${quoteLine} closed?`,
      );
    }
  }
  if (isQuoted) {
    throw failure(`${path} ends within a quoted field that starts in line ${quoteLine}.`);
  }
  if (start < size) endRecord(size, size);
}

/** Reads the header from the first record, and gathers the others into pieces. */
function createPieceCollector(file: RandomAccessFile): {
  add: TakeRecord;
  finish: () => CsvPieces;
} {
  const starts: number[] = [];
  const rows: number[] = [];
  const lines: number[] = [];
  let header: { columns: string[]; delimiter: string } | undefined;
  let piece = { start: 0, line: 1, rows: 0 };
  const endPiece = (next: number, nextLine: number): void => {
    if (piece.rows > 0) {
      starts.push(piece.start);
      rows.push(piece.rows);
      lines.push(piece.line);
    }
    piece = { start: next, line: nextLine, rows: 0 };
  };
  return {
    add(start, end, next, nextLine) {
      if (header !== undefined) {
        if (end > start) piece.rows++;
        if (next - piece.start >= PIECE_BYTES) endPiece(next, nextLine);
      } else if (end > start) {
        header = readHeader(file.path, file.read(start, end - start));
        endPiece(next, nextLine);
      }
    },
    finish() {
      if (header === undefined) {
        throw failure(`${file.path} is empty; a CSV file needs a header line.`);
      }
      endPiece(file.size, 0);
      return {
        ...header,
        starts: Float64Array.from([...starts, file.size]),
        rows: Uint32Array.from(rows),
        lines: Float64Array.from(lines),
      };
    },
  };
}

/** Throws where a file is not in an encoding whose bytes below 128 are those of ASCII. */
function checkEncoding(file: RandomAccessFile): void {
  const start = file.read(0, Math.min(file.size, 4096));
  const [first, second] = start;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (!hasMark && !start.includes(0)) return;
  const what = hasMark ? "is UTF-16" : "has zero bytes, as UTF-16 and binary files do";
  throw failure(
    `${file.path} ${what}, which vadi does not read as CSV; write it as UTF-8, for instance with iconv -f UTF-16 -t UTF-8.`,
  );
}

/** The names in the header, and the delimiter: the one that makes the most fields. */
function readHeader(path: string, bytes: Uint8Array): { columns: string[]; delimiter: string } {
  let unreadable: unknown;
  let best: { columns: string[]; delimiter: string } | undefined;
  for (const delimiter of [",", ";", "\t", "|"]) {
    let columns: string[] | undefined;
    try {
      [columns] = parse(Buffer.from(bytes), { ...RECORDS, delimiter, bom: true });
    } catch (error) {
      unreadable ??= error;
      continue;
    }
    if (columns === undefined) continue;
    if (best === undefined || columns.length > best.columns.length) best = { columns, delimiter };
  }
  if (best === undefined) {
    throw failure(`The header of ${path} cannot be read: ${messageOf(unreadable)}.`, unreadable);
  }
  const columns = best.columns.map((name) => name.trim());
  if (columns.every((name) => name !== "" && Number.isFinite(Number(name)))) {
    throw failure(`${path} has no header line: its first line has numbers only; name the columns.`);
  }
  return { columns, delimiter: best.delimiter };
}
