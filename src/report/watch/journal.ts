import { open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { systemCode } from "../../common/errors.js";
import type { HistoryRow } from "../../train/index.js";

/** Rows that are kept of a history at the most; past that every other one goes. */
const mostRows = 4000;
/** Bytes that are read of it at once. */
const pieceBytes = 1 << 16;

/** What a look at a growing history has found. */
export interface JournalNews {
  /** Whether everything that was told before no longer counts. */
  isAnew: boolean;
  rows: HistoryRow[];
}

/** A history that is read while it grows. */
export interface JournalReader {
  /** Reads what has come since the last call. */
  read(): Promise<JournalNews>;
  /** Everything that is kept, evenly spaced. */
  readonly rows: readonly HistoryRow[];
}

/**
 * Follows a run's history.jsonl, in bounded memory: past some thousand rows it keeps every second,
 * every fourth and so on. A file that is not there yet is an empty one; one that became shorter (a
 * resumed run is cut back to its checkpoint) is read from its start.
 */
export function followJournal(file: string): JournalReader {
  let rows: HistoryRow[] = [];
  let offset = 0;
  let seen = 0;
  let stride = 1;
  let unfinished = "";
  let decoder = new StringDecoder("utf8");

  const startAgain = (): void => {
    [rows, offset, seen, stride, unfinished] = [[], 0, 0, 1, ""];
    decoder = new StringDecoder("utf8");
  };

  return {
    get rows() {
      return rows;
    },
    async read() {
      let isAnew = false;
      const fresh: HistoryRow[] = [];
      const take = (row: HistoryRow): void => {
        if (seen++ % stride !== 0) return;
        rows.push(row);
        fresh.push(row);
        if (rows.length <= mostRows) return;
        rows = rows.filter((_, index) => index % 2 === 0);
        stride *= 2;
        isAnew = true;
      };
      let handle;
      try {
        handle = await open(file, "r");
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
        isAnew = rows.length > 0;
        startAgain();
        return { isAnew, rows: [] };
      }
      try {
        const { size } = await handle.stat();
        if (size < offset) {
          isAnew = true;
          startAgain();
        }
        const piece = Buffer.alloc(pieceBytes);
        while (offset < size) {
          const { bytesRead } = await handle.read(piece, 0, pieceBytes, offset);
          if (bytesRead === 0) break;
          offset += bytesRead;
          const lines = (unfinished + decoder.write(piece.subarray(0, bytesRead))).split("\n");
          unfinished = lines.pop() ?? "";
          for (const line of lines) {
            const row = rowOf(line);
            if (row) take(row);
          }
        }
      } finally {
        await handle.close();
      }
      return { isAnew, rows: isAnew ? rows : fresh };
    },
  };
}

/** A line's row; undefined for what is none, which training itself refuses when it reads its history. */
function rowOf(line: string): HistoryRow | undefined {
  try {
    const row = JSON.parse(line) as Partial<HistoryRow> | null;
    const { step, epoch, rows, loss, learningRate, seconds } = row ?? {};
    const isRow = [step, epoch, rows, seconds].every(Number.isFinite);
    if (!isRow) return undefined;
    return { step, epoch, rows, loss: loss ?? NaN, learningRate, seconds } as HistoryRow;
  } catch {
    return undefined;
  }
}
