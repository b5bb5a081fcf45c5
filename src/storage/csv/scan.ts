import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import { failure, messageOf } from "../../common/errors.js";
import type { RandomAccessFile, CsvPieces } from "../format/types.js";
const READ_BYTES = 1024 * 1024;
/** A piece ends with the first record that ends behind so many bytes. */
const PIECE_BYTES = 512 * 1024;
/** No record is larger: a quote that is not closed would make one of all the rest. */
const RECORD_BYTES = 64 * 1024 * 1024;

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

/** Options of the parser that make a record what the scan takes for one. */
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
 * Goes through a CSV file once and cuts it into pieces of whole records. A line ends a record where
 * the number of quotes before it is even (RFC 4180: quotes within quotes are doubled).
 *
 * @throws a failure that names the file and line
 */
export function scanCsv(file: RandomAccessFile): ScannedCsv {
  const { path, size } = file;
  checkEncoding(file);
  const hash = createHash("sha256");
  const starts: number[] = [];
  const rows: number[] = [];
  const lines: number[] = [];
  let columns: string[] | undefined;
  let delimiter = ",";
  let line = 1;
  let isQuoted = false;
  let quoteLine = 0;
  /** First byte of the record, of the piece, and what they hold. */
  let record = 0;
  let piece = 0;
  let pieceLine = 1;
  let pieceRows = 0;
  let last = 0;

  const endPiece = (end: number): void => {
    if (pieceRows > 0) {
      starts.push(piece);
      rows.push(pieceRows);
      lines.push(pieceLine);
    }
    piece = end;
    pieceLine = line;
    pieceRows = 0;
  };
  const endRecord = (end: number, before: number): void => {
    const text = end - record;
    const isEmpty = text === 0 || (text === 1 && before === RETURN);
    if (isEmpty) return;
    if (columns === undefined) {
      ({ columns, delimiter } = readHeader(path, file.read(record, text)));
      piece = -1;
    } else pieceRows++;
  };
  for (let place = 0; place < size;) {
    const bytes = file.read(place, Math.min(READ_BYTES, size - place));
    hash.update(bytes);
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (byte === QUOTE) {
        isQuoted = !isQuoted;
        if (isQuoted) quoteLine = line;
      } else if (byte === NEWLINE) {
        line++;
        if (!isQuoted) {
          endRecord(place + index, last);
          record = place + index + 1;
          if (piece < 0) {
            piece = record;
            pieceLine = line;
          } else if (columns !== undefined && record - piece >= PIECE_BYTES) endPiece(record);
        }
      }
      last = byte;
    }
    place += bytes.length;
    if (place - record > RECORD_BYTES) {
      throw failure(
        `${path} has a record of more than 64 MiB that starts before line ${line}; is the quote in line ${quoteLine} closed?`,
      );
    }
  }
  if (isQuoted)
    throw failure(`${path} ends within a quoted field that starts in line ${quoteLine}.`);
  if (record < size) {
    endRecord(size, last);
    if (piece < 0) piece = size;
  }
  endPiece(size);
  if (columns === undefined) throw failure(`${path} is empty; a CSV file needs a header line.`);
  starts.push(size);
  return {
    pieces: {
      columns,
      delimiter,
      starts: Float64Array.from(starts),
      rows: Uint32Array.from(rows),
      lines: Float64Array.from(lines),
    },
    sha256: hash.digest("hex"),
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

/** The names in the header, and the delimiter: the one that divides it most. */
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
