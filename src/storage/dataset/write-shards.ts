import path from "node:path";
import { interruption, VadiError } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { VERSION } from "../../common/version.js";
import { createWorkerPool, forEachLimited, type WorkerPool } from "../../common/worker-pool.js";
import { shardRanges, type CheckedSpec } from "./generate-spec.js";
import type { Journal } from "../output/journal.js";
import { inDatasetFolder } from "../output/locked-folder.js";
import type { ShardEntry } from "../format/manifest.js";
import { findMaxima } from "./maxima.js";
import { checkSpace } from "./check-space.js";
import type { Part } from "./part-spec.js";
import {
  clearTemporary,
  readEarlier,
  resumeShards,
  type Resumed,
} from "../output/resume-shards.js";
import { placeShard } from "./shard-file.js";
import { shardFile, type ShardDescription } from "../format/shard-format.js";
import { formatRanges } from "../../common/ranges.js";
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
  return { ...whole, ...(maxima !== undefined && { maxima }), shards: formatRanges(shards) };
}

function rangesOf({ spec, part }: ShardsJob): ReturnType<typeof shardRanges> {
  const ranges = shardRanges(spec);
  if (part === undefined) return ranges;
  return part.shards.flatMap((shard) => ranges[shard] ?? []);
}

async function writeShards(
  job: ShardsJob,
  folder: string,
  maxima: [number, number] | undefined,
  { finished, journal }: Resumed,
  pool: ShardPool,
  options: WriteOptions,
): Promise<ShardEntry[]> {
  const { spec } = job;
  const ranges = rangesOf(job);
  const total = ranges.reduce((sum, { rows }) => sum + rows, 0);
  const entries: ShardEntry[] = Array.from({ length: ranges.length });
  let rowsDone = 0;
  let bytesDone = 0;
  const note = (index: number, entry: ShardEntry): void => {
    entries[index] = entry;
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
      if (kept?.rows === rows) return note(index, kept);
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
        if (typeof result !== "object" || !("sha256" in result)) {
          throw new Error("A written shard has an entry.");
        }
        return result;
      });
      await journal.write({ shard: entry });
      note(index, entry);
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
  const earlier = readEarlier(folder, spec.resume, identity(job));
  const rows = rangesOf(job).reduce((sum, range) => sum + range.rows, 0);
  await checkSpace({ ...spec, rows }, folder);
  const pool: ShardPool = createWorkerPool(
    new URL("shard-worker.js", import.meta.url),
    spec.workers,
  );
  let journal: Journal | undefined;
  try {
    let maxima = part?.maxima ?? earlier?.maxima;
    const resumed = await resumeShards(
      folder,
      identity(job),
      earlier,
      maxima,
      spec.workers,
      (file) => pool.run({ type: "hash", file }, options.signal),
    );
    ({ journal } = resumed);
    if (spec.row.kind === "two-layer-sigmoid" && maxima === undefined) {
      maxima = await findMaxima(spec, pool, options);
      await journal.write({ maxima });
    }
    const shards = await writeShards(job, folder, maxima, resumed, pool, options);
    return { shards, maxima };
  } finally {
    journal?.close();
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
export function makeLocked<Finished>(
  job: ShardsJob,
  folder: string,
  options: WriteOptions,
  finish: (made: MadeShards) => Promise<Finished>,
): Promise<Finished> {
  return inDatasetFolder(folder, job.spec.force, async () =>
    finish(await makeShards(job, folder, options)),
  );
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
