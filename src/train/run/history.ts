import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { z } from "zod/mini";
import { failure, messageOf } from "../../common/errors.js";
import { readTable, writeTable } from "../../storage/index.js";
import type { TableColumn } from "../../storage/index.js";
import type { HistoryRow } from "../types.js";
import { exists } from "../../files/folders.js";
import { writeFully } from "../../files/write-fully.js";

/** Longest time for which a line stays in memory, in milliseconds. */
const FLUSH_AFTER = 1000;

const columns: readonly (TableColumn & { name: keyof HistoryRow })[] = [
  { name: "step", type: "INT64" },
  { name: "epoch", type: "INT32" },
  { name: "rows", type: "INT64" },
  { name: "loss", type: "DOUBLE" },
  { name: "learningRate", type: "DOUBLE" },
  { name: "seconds", type: "DOUBLE" },
];

const count = z.number().check(z.int(), z.nonnegative());

const rowSchema: z.ZodMiniType<HistoryRow> = z.object({
  step: count,
  epoch: count,
  rows: count,
  loss: z.number(),
  learningRate: z.number(),
  seconds: z.number(),
});

/** The growing history.jsonl of a run. */
export interface HistoryJournal {
  /** Adds a line; it is in the file a second later, and on disk when the journal is synced or closed. */
  write(row: HistoryRow): void;
  /** Puts all lines on disk. Returns how many bytes they are. */
  sync(): number;
  close(): void;
}

/**
 * Opens a journal.
 *
 * @param bytes what is kept of the lines that are there; 0: it starts afresh
 */
export function openJournal(file: string, bytes = 0): HistoryJournal {
  /** Does something with the file; its errors name the file and what to do. */
  function attempt<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      throw failure(
        (option) =>
          `Could not write the history ${file}: ${messageOf(error)}; free some space, and continue with ${option("resume")}.`,
        error,
      );
    }
  }
  const descriptor = attempt(() => {
    const opened = openSync(file, bytes === 0 ? "w" : "r+");
    ftruncateSync(opened, bytes);
    return opened;
  });
  let length = bytes;
  let waiting = "";
  let flushed = performance.now();
  function flush(): void {
    const text = Buffer.from(waiting);
    writeFully(descriptor, text, length);
    length += text.length;
    waiting = "";
    flushed = performance.now();
  }
  return {
    write(row) {
      waiting += `${JSON.stringify(row)}\n`;
      if (performance.now() - flushed > FLUSH_AFTER) attempt(flush);
    },
    sync() {
      attempt(() => {
        flush();
        fsyncSync(descriptor);
      });
      return length;
    },
    close() {
      try {
        attempt(() => {
          flush();
          fsyncSync(descriptor);
        });
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/**
 * Reads a journal. A last line that was cut off by a crash does not count.
 *
 * @throws a failure that names the file and the first line that is no journal's
 */
export async function readHistoryJournal(file: string): Promise<HistoryRow[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw failure(`Could not read the history ${file}: ${messageOf(error)}.`, error);
  }
  const lines = text.split("\n");
  // What follows the last line's end: nothing, or a line that was not written to its end.
  lines.pop();
  return lines.map((line, index) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    const row = rowSchema.safeParse(value);
    if (!row.success) throw failure(`${file}, line ${index + 1}, is not a line of a history.`);
    return row.data;
  });
}

/**
 * Reads the history of a run that has ended: its journal, or where that is gone the table that was made
 * of it in the end.
 *
 * @throws a failure that names the file, and its first line or row that is no history's
 */
export async function readHistory(journal: string, table: string): Promise<HistoryRow[]> {
  return !exists(journal) && exists(table) ? readHistoryTable(table) : readHistoryJournal(journal);
}

/** Reads history.parquet back. */
async function readHistoryTable(file: string): Promise<HistoryRow[]> {
  const table = await readTable(file, columns, "the history ");
  const steps = table["step"] ?? [];
  return Array.from(steps, (_, index) => {
    const numbers = columns.map(({ name }) => [name, table[name]?.[index]]);
    const row = rowSchema.safeParse(Object.fromEntries(numbers));
    if (!row.success) throw failure(`${file}, row ${index}, is not a row of a history.`);
    return row.data;
  });
}

/** Writes history.parquet: the journal's columns. */
export async function writeHistoryTable(file: string, rows: readonly HistoryRow[]): Promise<void> {
  await writeTable(
    file,
    columns,
    Object.fromEntries(columns.map(({ name }) => [name, rows.map((row) => row[name])])),
  );
}
