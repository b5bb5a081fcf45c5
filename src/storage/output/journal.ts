import { closeSync, existsSync, fsync, openSync, readFileSync, writeSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { writeFileAtomic } from "../../files/atomic.js";
import { columnRoundingSchema, type ColumnRounding } from "../format/column-rounding.js";
import { shardEntrySchema, type ShardEntry } from "../format/manifest.js";

/** The journal of a dataset that is being made. */
export const JOURNAL_FILE = ".progress.jsonl";

const sync = promisify(fsync);

const lineSchema = z.union([
  z.strictObject({ spec: z.record(z.string(), z.unknown()) }),
  z.strictObject({ maxima: z.tuple([z.number(), z.number()]) }),
  z.strictObject({
    shard: shardEntrySchema,
    rounding: z.array(columnRoundingSchema).exactOptional(),
  }),
]);

/** What an earlier, interrupted run noted. */
export interface JournalContent {
  spec: Record<string, unknown> | undefined;
  maxima: [number, number] | undefined;
  shards: Map<string, ShardEntry>;
  /** Of a conversion: what each shard's columns lost, by the shard's file name. */
  rounding: Map<string, ColumnRounding[]>;
}

/** Reads a folder's journal up to its first line that is not whole: a crash can cut only the end. */
export function readJournal(folder: string): JournalContent | undefined {
  const file = path.join(folder, JOURNAL_FILE);
  if (!existsSync(file)) return undefined;
  const content: JournalContent = {
    spec: undefined,
    maxima: undefined,
    shards: new Map(),
    rounding: new Map(),
  };
  for (const text of readFileSync(file, "utf8").split("\n")) {
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
      const { shard, rounding } = line.data;
      content.shards.set(shard.file, shard);
      if (rounding !== undefined) content.rounding.set(shard.file, rounding);
    }
  }
  return content;
}

/**
 * Removes a folder's journal where nothing could be resumed with it: there is no shard, and no maxima were
 * found (which takes a pass over all rows).
 */
export async function removeUnusedJournal(folder: string): Promise<void> {
  const shards = (await readdir(folder)).filter((entry) => !entry.startsWith("."));
  if (shards.length > 0) return;
  const { spec, maxima } = readJournal(folder) ?? {};
  // A part's maxima are given to it.
  if (maxima !== undefined && spec?.["maxima"] === undefined) return;
  await rm(path.join(folder, JOURNAL_FILE), { force: true });
}

/** What is noted. */
export type JournalLine =
  | { spec: object }
  | { maxima: readonly [number, number] }
  | { shard: ShardEntry; rounding?: ColumnRounding[] };

/** An open journal; every line is on disk when its promise is fulfilled. */
export interface Journal {
  write(line: JournalLine): Promise<void>;
  close(): void;
}

function textOf(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * Starts a journal with what is known already. It takes the place of an earlier one as a whole, so
 * that at any moment there is one which names all that is finished.
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
      writeSync(descriptor, textOf(line));
      await sync(descriptor);
    },
    close() {
      closeSync(descriptor);
    },
  };
}
