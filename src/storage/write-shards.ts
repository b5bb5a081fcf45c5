import { existsSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { failure, interruption, messageOf, systemCode, VadiError } from "../common/errors.js";
import type { OnProgress } from "../common/progress.js";
import { VERSION } from "../common/version.js";
import { createWorkerPool, forEachLimited, type WorkerPool } from "../common/worker-pool.js";
import { syncFolder, TEMPORARY_SUFFIX } from "./atomic.js";
import { MANIFEST_FILE } from "./file-names.js";
import { shardRanges, type CheckedSpec } from "./generate-spec.js";
import {
  createJournal,
  JOURNAL_FILE,
  readJournal,
  type Journal,
  type JournalContent,
} from "./journal.js";
import { LOCK_FILE, lockFolder } from "./lock.js";
import type { ShardEntry } from "./manifest.js";
import { findMaxima } from "./maxima.js";
import { checkSpace, isOwnFile } from "./output-folder.js";
import type { Part } from "./part-spec.js";
import { placeShard } from "./shard-file.js";
import { shardFile, type ShardDescription } from "./shard-format.js";
import { formatShards } from "./shard-selection.js";
import type { ShardTask, ShardTaskResult } from "./shard-worker.js";

/** Who makes the datasets. */
export const GENERATOR: { name: string; version: string } = { name: "vadi", version: VERSION };

/** Shards to make: all of a dataset, or a part of them. */
export interface ShardsJob {
  spec: CheckedSpec;
  part: Part | undefined;
}

/** Shards that are whole and on disk. */
export interface MadeShards {
  shards: ShardEntry[];
  maxima: [number, number] | undefined;
}

type ShardPool = WorkerPool<ShardTask, ShardTaskResult>;

export interface WriteOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * What decides the bytes of a dataset and its parts; an interrupted generation is continued only for
 * the same.
 */
function identity({ spec, part }: ShardsJob): Record<string, unknown> {
  const { row, rows, format, compression, shardRows } = spec;
  const whole = { ...row, rows, format, compression, shardRows, generator: GENERATOR };
  if (part === undefined) return whole;
  const { shards, maxima } = part;
  return { ...whole, ...(maxima !== undefined && { maxima }), shards: formatShards(shards) };
}

function rangesOf({ spec, part }: ShardsJob): ReturnType<typeof shardRanges> {
  const ranges = shardRanges(spec);
  if (part === undefined) return ranges;
  return part.shards.flatMap((shard) => ranges[shard] ?? []);
}

export const sameJson = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Journal lines whose files are there and have the noted hash. */
export async function finishedShards(
  folder: string,
  content: JournalContent,
  limit: number,
  hash: (file: string) => Promise<unknown>,
): Promise<Map<string, ShardEntry>> {
  const finished = new Map<string, ShardEntry>();
  await forEachLimited(content.shards.values(), limit, async (entry) => {
    const file = path.join(folder, entry.file);
    if (!existsSync(file) || (await stat(file)).size !== entry.bytes) return;
    if ((await hash(file)) === entry.sha256) finished.set(entry.file, entry);
  });
  return finished;
}

/** Removes what an earlier run has left, but for finished shards and what keeps the folder. */
export async function clearFolder(
  folder: string,
  finished: ReadonlyMap<string, ShardEntry>,
): Promise<void> {
  for (const entry of await readdir(folder)) {
    // The journal stays until it is started afresh: a folder with shards has one at any moment.
    if (entry === LOCK_FILE || entry === JOURNAL_FILE) continue;
    if (finished.has(entry) || !isOwnFile(entry)) continue;
    await rm(path.join(folder, entry));
  }
}

/** Removes the temporary files of threads that were stopped in the middle. */
export async function clearTemporary(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (entry.endsWith(TEMPORARY_SUFFIX)) await rm(path.join(folder, entry), { force: true });
  }
}

async function writeShards(
  job: ShardsJob,
  folder: string,
  maxima: [number, number] | undefined,
  finished: Map<string, ShardEntry>,
  journal: Journal,
  pool: ShardPool,
  options: WriteOptions,
): Promise<ShardEntry[]> {
  const { spec } = job;
  const ranges = rangesOf(job);
  const total = ranges.reduce((sum, { rows }) => sum + rows, 0);
  const entries: ShardEntry[] = Array.from({ length: ranges.length });
  let rowsDone = 0;
  let bytesDone = 0;
  const note = async (index: number, entry: ShardEntry): Promise<void> => {
    entries[index] = entry;
    await journal.write({ shard: entry });
    rowsDone += entry.rows;
    bytesDone += entry.bytes;
    const { onProgress } = options;
    onProgress?.({
      phase: "generating",
      done: rowsDone,
      total,
      unit: "rows",
      bytes: bytesDone,
    });
  };
  await forEachLimited(
    ranges.entries(),
    // Some shards wait for the disk while the threads make the next ones.
    2 * spec.workers,
    async ([index, { shard, firstRow, rows }]) => {
      const file = shardFile(shard, spec.format);
      const kept = finished.get(file);
      if (kept !== undefined && kept.rows === rows) return await note(index, kept);
      const description: ShardDescription = {
        spec: spec.row,
        firstRow,
        rows,
        ...(maxima === undefined ? {} : { maxima }),
        generator: GENERATOR,
      };
      const { format, compression } = spec;
      const entry = await placeShard(path.join(folder, file), async (temporary) => {
        const task: ShardTask = {
          type: "write",
          file: temporary,
          format,
          compression,
          description,
        };
        const result = await pool.run(task, options.signal);
        if (typeof result !== "object") throw new Error("A written shard has an entry.");
        return result;
      });
      await note(index, entry);
    },
  );
  return entries;
}

/** Makes the shards in `folder`, which this process has locked. */
async function makeShards(
  job: ShardsJob,
  folder: string,
  options: WriteOptions,
): Promise<MadeShards> {
  const { spec, part } = job;
  const earlier = spec.resume ? readJournal(folder) : undefined;
  if (earlier?.spec !== undefined && !sameJson(earlier.spec, identity(job))) {
    throw failure(
      `${folder} holds an unfinished dataset of another specification; resume with the options it was started with, or use --force to start again.`,
    );
  }
  const rows = rangesOf(job).reduce((sum, range) => sum + range.rows, 0);
  await checkSpace({ ...spec, rows }, folder);
  const pool: ShardPool = createWorkerPool(
    new URL("shard-worker.js", import.meta.url),
    spec.workers,
  );
  try {
    const finished =
      earlier === undefined
        ? new Map<string, ShardEntry>()
        : await finishedShards(folder, earlier, spec.workers, (file) =>
            pool.run({ type: "hash", file }, options.signal),
          );
    await clearFolder(folder, finished);
    const journal = createJournal(folder);
    try {
      await journal.write({ spec: identity(job) });
      let maxima: [number, number] | undefined;
      if (spec.row.kind === "two-layer-sigmoid") {
        maxima = part?.maxima ?? earlier?.maxima ?? (await findMaxima(spec, pool, options));
        await journal.write({ maxima });
      }
      const shards = await writeShards(job, folder, maxima, finished, journal, pool, options);
      return { shards, maxima };
    } finally {
      journal.close();
    }
  } finally {
    await pool.close();
    await clearTemporary(folder);
  }
}

/**
 * Locks a folder, makes shards in it (again only those that an interrupted run with the same job has
 * not finished), and finishes them.
 *
 * @param finish what is done with the shards while the folder is still locked
 * @throws a failure that names the folder or file, or an interruption
 */
export async function makeLocked<Finished>(
  job: ShardsJob,
  folder: string,
  options: WriteOptions,
  finish: (made: MadeShards) => Promise<Finished>,
): Promise<Finished> {
  try {
    await mkdir(folder, { recursive: true });
    const unlock = lockFolder(folder);
    try {
      // Another process may have finished between the look into the folder and the lock.
      if (!job.spec.force && existsSync(path.join(folder, MANIFEST_FILE))) {
        throw failure(
          `${folder} holds a dataset already, which another process has just finished.`,
        );
      }
      return await finish(await makeShards(job, folder, options));
    } finally {
      unlock();
      syncFolder(folder);
    }
  } catch (error) {
    if (error instanceof VadiError || systemCode(error) === undefined) throw error;
    throw failure(`The dataset could not be written to ${folder}: ${messageOf(error)}.`, error);
  }
}

/** Runs a generation that can be resumed, and says so where it was interrupted. */
export async function resumable<Result>(out: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof VadiError) || error.kind !== "interrupted") throw error;
    throw interruption(
      `Interrupted: the finished shards stay in ${out}; go on with the same command and --resume.`,
    );
  }
}
