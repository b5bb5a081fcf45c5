import { open, type FileHandle } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { systemCode } from "../../common/errors.js";
import type { HistoryRow } from "../../train/index.js";
import type { HistoryUpdate } from "./events.js";

/** The most rows that are kept; when there are more, every other one is dropped. */
const mostRows = 4000;
/** Bytes of one read. */
const readBytes = 1 << 16;

/** Reads a history while it grows. */
export interface HistoryReader {
  /** Reads what was appended since the last call. */
  read(): Promise<HistoryUpdate>;
  /** The rows that are kept, evenly spaced. */
  readonly rows: readonly HistoryRow[];
}

/**
 * Follows a run's history.jsonl in bounded memory: of a long history it keeps every second row, then
 * every fourth, and so on. A missing file counts as empty. A file that became shorter (a resumed run
 * cuts its history back to the checkpoint) is read again from its start.
 */
export function followHistory(file: string): HistoryReader {
  let kept = keepEvenly();
  let offset = 0;
  let lines = lineSplitter();

  function restart(): void {
    kept = keepEvenly();
    offset = 0;
    lines = lineSplitter();
  }

  /** Adds the complete lines from the offset up to `size`. */
  async function readUpTo(size: number, handle: FileHandle): Promise<void> {
    const buffer = Buffer.alloc(readBytes);
    while (offset < size) {
      const { bytesRead } = await handle.read(buffer, 0, readBytes, offset);
      if (bytesRead === 0) break;
      offset += bytesRead;
      for (const line of lines(buffer.subarray(0, bytesRead))) {
        const row = rowOf(line);
        if (row) kept.add(row);
      }
    }
  }

  return {
    get rows() {
      return kept.rows;
    },
    async read() {
      const handle = await openIfThere(file);
      if (handle === undefined) {
        const replaces = kept.rows.length > 0;
        restart();
        return { replaces, rows: [] };
      }
      try {
        const { size } = await handle.stat();
        const isShorter = size < offset;
        if (isShorter) restart();
        await readUpTo(size, handle);
        const { rows, wasThinned } = kept.takeNew();
        return isShorter || wasThinned
          ? { replaces: true, rows: [...kept.rows] }
          : { replaces: false, rows };
      } finally {
        await handle.close();
      }
    },
  };
}

interface KeptRows {
  readonly rows: HistoryRow[];
  add(row: HistoryRow): void;
  /** The rows kept since the last call, and whether earlier ones were dropped. */
  takeNew(): { rows: HistoryRow[]; wasThinned: boolean };
}

/** Keeps every `stride`th row, and doubles the stride when there are too many. */
function keepEvenly(): KeptRows {
  let rows: HistoryRow[] = [];
  let seen = 0;
  let stride = 1;
  let taken = 0;
  let wasThinned = false;
  return {
    get rows() {
      return rows;
    },
    add(row) {
      if (seen++ % stride !== 0) return;
      rows.push(row);
      if (rows.length <= mostRows) return;
      rows = rows.filter((_, index) => index % 2 === 0);
      stride *= 2;
      wasThinned = true;
    },
    takeNew() {
      const found = { rows: rows.slice(taken), wasThinned };
      taken = rows.length;
      wasThinned = false;
      return found;
    },
  };
}

/** Splits text that arrives in buffers into lines; an unfinished line waits for its end. */
function lineSplitter(): (bytes: Buffer) => string[] {
  const decoder = new StringDecoder("utf8");
  let unfinished = "";
  return (bytes) => {
    const lines = (unfinished + decoder.write(bytes)).split("\n");
    unfinished = lines.pop() ?? "";
    return lines;
  };
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, "r");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}

/** Parses a line. Undefined for an invalid one, which the training itself refuses when it resumes. */
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
