import path from "node:path";
import type { OnProgress } from "../../common/progress.js";
import { formatRanges } from "../../common/ranges.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import type { ShardEntry } from "../format/manifest.js";
import { rowBytes, shardFile } from "../format/shard-format.js";
import { inDatasetFolder } from "../output/dataset-folder.js";
import type { Journal } from "../output/journal.js";
import { remoteOutputOf } from "../output/remote-output.js";
import {
  clearTemporary,
  readEarlier,
  resumeShards,
  type Resumed,
} from "../output/resume-shards.js";
import { findMaxima } from "./find-maxima.js";
import { shardRanges, type CheckedSpec } from "./generate-spec.js";
import { writeShardAtomic } from "./shard-file.js";
import { createShardPool, type ShardPool } from "./shard-pool.js";
import { GENERATOR } from "./write-manifest.js";

/** Shards to generate: all of a dataset, or a part of them. */
export interface ShardsJob {
  spec: CheckedSpec;
  part: Part | undefined;
}

/** The shards of a part and, for two-layer-sigmoid, what its targets are divided by. */
export interface Part {
  /** Ascending. */
  shards: number[];
  /** Undefined where they are not given and must be found. */
  maxima: [number, number] | undefined;
}

/** Shards that are complete and on disk. */
export interface WrittenShards {
  shards: ShardEntry[];
  maxima: [number, number] | undefined;
}

/** How a job that writes files is stopped and followed. */
export interface WriteOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Rows of one shard. */
type ShardRange = ReturnType<typeof shardRanges>[number];

/**
 * Generates shards in a folder, except those that an interrupted run of the same job has finished.
 *
 * @param finish is called with the shards while the folder is still locked
 * @throws a failure that names the folder or file, or an interruption
 */
export function writeShards<Finished>(
  job: ShardsJob,
  folder: string,
  options: WriteOptions,
  finish: (written: WrittenShards) => Promise<Finished>,
): Promise<Finished> {
  return inDatasetFolder(folder, job.spec, async () =>
    finish(await resumeOrStart(job, folder, options)),
  );
}

async function resumeOrStart(
  job: ShardsJob,
  folder: string,
  options: WriteOptions,
): Promise<WrittenShards> {
  const { spec, part } = job;
  const earlier = readEarlier(folder, spec.resume, identityOf(job));
  await checkSpace(job, folder);
  const pool = createShardPool(spec.workers);
  let journal: Journal | undefined;
  try {
    let maxima = part?.maxima ?? earlier?.maxima;
    const resumed = await resumeShards(
      folder,
      identityOf(job),
      earlier,
      maxima,
      spec.workers,
      (file) => pool.hash(file, options.signal),
    );
    ({ journal } = resumed);
    if (spec.row.kind === "two-layer-sigmoid" && maxima === undefined) {
      maxima = await findMaxima(spec, pool, options);
      await journal.write({ maxima });
    }
    const shards = await generateMissing(job, folder, maxima, resumed, pool, options);
    return { shards, maxima };
  } finally {
    journal?.close();
    await pool.close();
    await clearTemporary(folder);
  }
}

/** What decides the bytes of a dataset and its parts; only a job with the same may resume an interrupted one. */
function identityOf({ spec, part }: ShardsJob): Record<string, unknown> {
  const { row, rows, format, compression, shardRows } = spec;
  const dataset = { ...row, rows, format, compression, shardRows, generator: GENERATOR };
  if (part === undefined) return dataset;
  const { shards, maxima } = part;
  return { ...dataset, ...(maxima !== undefined && { maxima }), shards: formatRanges(shards) };
}

function rangesOf({ spec, part }: ShardsJob): ShardRange[] {
  const ranges = shardRanges(spec);
  if (part === undefined) return ranges;
  return part.shards.flatMap((shard) => ranges[shard] ?? []);
}

/** Throws a failure where the disk has less free than the shards need. */
async function checkSpace(job: ShardsJob, folder: string): Promise<void> {
  // Compressed sizes are not known in advance.
  if (job.spec.compression !== "none") return;
  // What goes to a store is on disk a few shards at a time.
  const kept = remoteOutputOf(folder) === undefined ? Infinity : 2 * job.spec.workers;
  const rows = rangesOf(job)
    .slice(0, kept)
    .reduce((sum, range) => sum + range.rows, 0);
  await checkFreeSpace(folder, rows * rowBytes(job.spec.row.features), {
    what: "The dataset",
    advice: "choose fewer rows or another disk",
  });
}

/** Generates the shards that are not finished yet, and notes each in the journal. */
async function generateMissing(
  job: ShardsJob,
  folder: string,
  maxima: [number, number] | undefined,
  { finished, journal }: Resumed,
  pool: ShardPool,
  { signal, onProgress }: WriteOptions,
): Promise<ShardEntry[]> {
  const { spec } = job;
  const ranges = rangesOf(job);
  const total = ranges.reduce((sum, { rows }) => sum + rows, 0);
  const entries: ShardEntry[] = Array.from({ length: ranges.length });
  let done = 0;
  let bytes = 0;
  // Some shards wait for the disk while the threads make the next ones.
  const atOnce = 2 * spec.workers;
  await forEachLimited(ranges.entries(), atOnce, async ([index, range]) => {
    const file = shardFile(range.shard, spec.format);
    let entry = finished.get(file);
    if (entry?.rows !== range.rows) {
      entry = await generateShard(path.join(folder, file), spec, range, maxima, pool, signal);
      await journal.write({ shard: entry });
    }
    entries[index] = entry;
    done += entry.rows;
    bytes += entry.bytes;
    onProgress?.({ phase: "generating", done, total, unit: "rows", bytes });
  });
  return entries;
}

async function generateShard(
  file: string,
  { row, format, compression }: CheckedSpec,
  { firstRow, rows }: ShardRange,
  maxima: [number, number] | undefined,
  pool: ShardPool,
  signal: AbortSignal | undefined,
): Promise<ShardEntry> {
  const description = {
    spec: row,
    firstRow,
    rows,
    ...(maxima !== undefined && { maxima }),
    generator: GENERATOR,
  };
  const { shard } = await writeShardAtomic(file, async (temporary) => ({
    shard: await pool.write({ file: temporary, format, compression, description }, signal),
  }));
  return shard;
}
