import { closeSync, fsync, openSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod/mini";
import { failure, messageOf } from "../../common/errors.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { columnRoundingSchema, type ColumnRounding } from "../format/column-rounding.js";
import { isRemote } from "../format/location.js";
import { shardEntrySchema, type ShardEntry } from "../format/manifest.js";
import { exists } from "../../files/folders.js";
import { writeFully } from "../../files/write-fully.js";

/** The journal of a dataset that is being written: one line of JSON for each thing that `--resume` needs to know. */
export const JOURNAL_FILE = ".progress.jsonl";

const sync = promisify(fsync);

const lineSchema = z.union([
  z.strictObject({ spec: z.record(z.string(), z.unknown()) }),
  z.strictObject({ maxima: z.tuple([z.number(), z.number()]) }),
  z.strictObject({
    shard: shardEntrySchema,
    rounding: z.exactOptional(z.array(columnRoundingSchema)),
    sourceRows: z.exactOptional(z.number().check(z.int(), z.nonnegative())),
  }),
]);

/** The content of the journal of an interrupted job. */
export interface JournalContent {
  spec: Record<string, unknown> | undefined;
  maxima: [number, number] | undefined;
  shards: Map<string, ShardEntry>;
  /** Of a conversion: what rounding changed in each shard's columns, by the shard's file name. */
  rounding: Map<string, ColumnRounding[]>;
  /** Of a program's rows: how many of them had been taken when the shard was finished, by its file name. */
  sourceRows: Map<string, number>;
}

/**
 * Reads a folder's journal up to its first incomplete line: a crash can cut only the end.
 *
 * @returns undefined where there is none
 */
export function readJournal(folder: string): JournalContent | undefined {
  const file = path.join(folder, JOURNAL_FILE);
  if (!exists(file)) return undefined;
  return parseJournal(readFileSync(file, "utf8"));
}

/** The largest journal that is read from a store: that of a million shards has less. */
const MOST_BYTES = 256 * 2 ** 20;

/** As `readJournal`, of a folder on disk or in a store. */
export async function readJournalOf(folder: string): Promise<JournalContent | undefined> {
  if (!isRemote(folder)) return readJournal(folder);
  const { readObject } = await import("../remote/index.js");
  const bytes = await readObject(folder, JOURNAL_FILE, MOST_BYTES);
  return bytes && parseJournal(new TextDecoder().decode(bytes));
}

/** As `readJournal`, of the journal's text. */
export function parseJournal(journal: string): JournalContent {
  const content: JournalContent = {
    spec: undefined,
    maxima: undefined,
    shards: new Map(),
    rounding: new Map(),
    sourceRows: new Map(),
  };
  for (const text of journal.split("\n")) {
    if (text === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      break;
    }
    const line = lineSchema.safeParse(value);
    if (!line.success) break;
    if ("spec" in line.data) content.spec = line.data.spec;
    else if ("maxima" in line.data) content.maxima = line.data.maxima;
    else {
      const { shard, rounding, sourceRows } = line.data;
      content.shards.set(shard.file, shard);
      if (sourceRows !== undefined) content.sourceRows.set(shard.file, sourceRows);
      if (rounding !== undefined) content.rounding.set(shard.file, rounding);
    }
  }
  return content;
}

/**
 * Removes a folder's journal if resuming would save no work: it has no shard, and no maxima that took a pass
 * over all rows to find.
 */
export async function removeUnusedJournal(folder: string): Promise<void> {
  const shards = (await readdir(folder)).filter((entry) => !entry.startsWith("."));
  if (shards.length > 0) return;
  const { spec, maxima } = readJournal(folder) ?? {};
  // Maxima in the specification were given by the user.
  if (maxima !== undefined && spec?.["maxima"] === undefined) return;
  await removeJournal(folder);
}

/** Removes the journal of a complete dataset, or of one that has nothing to resume. */
export async function removeJournal(folder: string): Promise<void> {
  const file = path.join(folder, JOURNAL_FILE);
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw failure(`Could not remove ${file}: ${messageOf(error)}.`, error);
  }
}

/** A line of the journal. */
export type JournalLine = { spec: object } | { maxima: readonly [number, number] } | JournalShard;

/** A finished shard. */
export interface JournalShard {
  shard: ShardEntry;
  rounding?: ColumnRounding[];
  sourceRows?: number;
}

/** An open journal. */
export interface Journal {
  /** Appends a line. It is on disk when the promise is fulfilled. */
  write(line: JournalLine): Promise<void>;
  close(): void;
}

/** A line as the journal holds it. */
export function textOf(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * Starts a journal with the lines that are known already. It replaces an earlier one atomically, so that at
 * any moment there is a journal which names all finished shards.
 */
export async function createJournal(
  folder: string,
  known: readonly JournalLine[],
): Promise<Journal> {
  const file = path.join(folder, JOURNAL_FILE);
  await writeFileAtomic(file, known.map(textOf).join(""));
  const descriptor = openSync(file, "a");
  return {
    async write(line) {
      writeFully(descriptor, Buffer.from(textOf(line)));
      await sync(descriptor);
    },
    close() {
      closeSync(descriptor);
    },
  };
}
