import path from "node:path";
import { forEachLimited } from "../../common/worker-pool.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import { writeShardAtomic, writtenShard, type WrittenShard } from "../dataset/shard-file.js";
import type { Table } from "../dataset/open-table.js";
import { GENERATOR } from "../dataset/write-manifest.js";
import { mergeAllRounding, type ColumnRounding } from "../format/column-rounding.js";
import type { Compression } from "../format/compression.js";
import type { ShardEntry } from "../format/manifest.js";
import { exceedsFloat32 } from "../format/number-type.js";
import {
  rowBytes,
  shardFile,
  type ShardDescription,
  type ShardFormat,
} from "../format/shard-format.js";
import type { Journal } from "../output/journal.js";
import { remoteOutputOf } from "../output/remote-output.js";
import { clearTemporary, readEarlier, resumeShards } from "../output/resume-shards.js";
import type { ConvertTask } from "./convert-shard.js";
import type { SourceOptions } from "./open-source.js";
import { createTablePool } from "./table-pool.js";

/** A conversion whose options are checked. */
export interface ConvertJob {
  table: Table;
  out: string;
  format: ShardFormat;
  compression: Compression;
  shardRows: number;
  workers: number;
  force: boolean;
  options: Pick<SourceOptions, "signal" | "onProgress">;
}

/**
 * Writes the shards of a dataset into its folder.
 *
 * @returns their entries in the manifest, and the rounding of all of them together if it was measured
 */
export async function convertShards(
  job: ConvertJob,
  folder: string,
  resume: boolean,
): Promise<{ shards: ShardEntry[]; rounding: ColumnRounding[] | undefined }> {
  const { table, format, shardRows, workers } = job;
  const { signal, onProgress } = job.options;
  const earlier = readEarlier(folder, resume, identity(job));
  if (job.compression === "none") {
    // What goes to a store is on disk a few shards at a time.
    const kept = remoteOutputOf(folder) === undefined ? table.rows : workers * shardRows;
    const rows = Math.min(table.rows, kept);
    await checkFreeSpace(folder, rows * rowBytes(table.features), { what: "The dataset" });
  }
  const count = Math.ceil(table.rows / shardRows);
  const pool = createTablePool(Math.min(workers, count));
  let journal: Journal | undefined;
  try {
    const resumed = await resumeShards(folder, identity(job), earlier, undefined, workers, (file) =>
      pool.run({ type: "hash", file }, signal),
    );
    ({ journal } = resumed);
    const converted: WrittenShard[] = Array.from({ length: count });
    let done = 0;
    let bytes = 0;
    await forEachLimited(converted.keys(), workers, async (number) => {
      const rows = Math.min(shardRows, table.rows - number * shardRows);
      const file = shardFile(number, format);
      const finished = resumed.finished.get(file);
      let shard: WrittenShard;
      if (finished?.rows === rows) {
        shard = writtenShard(finished, earlier?.rounding.get(file));
      } else {
        const task = taskOf(job, path.join(folder, file), number * shardRows, rows);
        shard = await writeShardAtomic(task.file, (temporary) =>
          onDisk({ ...task, file: temporary }, signal, (local) => pool.run(local, signal)),
        );
        await resumed.journal.write({ ...shard });
      }
      converted[number] = shard;
      done += rows;
      bytes += shard.shard.bytes;
      onProgress?.({ phase: "converting", done, total: table.rows, unit: "rows", bytes });
    });
    return {
      shards: converted.map(({ shard }) => shard),
      rounding: mergeAllRounding(converted),
    };
  } finally {
    journal?.close();
    await pool.close();
    await clearTemporary(folder);
  }
}

/** Runs a task whose sources are on disk, or are brought there from a store. */
async function onDisk(
  task: ConvertTask,
  signal: AbortSignal | undefined,
  run: (task: ConvertTask) => Promise<WrittenShard>,
): Promise<WrittenShard> {
  const { ranges } = task;
  if (ranges[0]?.source.remote === undefined) return run(task);
  const { withCachedShards } = await import("../remote/index.js");
  return withCachedShards(
    ranges.map(({ source }) => source),
    [],
    () => signal?.aborted === true,
    (cached) =>
      run({ ...task, ranges: ranges.map((range, at) => ({ ...range, source: cached[at]! })) }),
  );
}

/** What determines the bytes: a conversion is resumed only if all of this is the same. */
function identity({ table, format, compression, shardRows }: ConvertJob): Record<string, unknown> {
  const { fingerprint, rows, columns } = table;
  return {
    source: fingerprint,
    rows,
    columns,
    format,
    compression,
    shardRows,
    generator: GENERATOR,
  };
}

function taskOf(job: ConvertJob, file: string, firstRow: number, rows: number): ConvertTask {
  const { table, format, compression } = job;
  const ranges: ConvertTask["ranges"] = [];
  let start = 0;
  for (const source of table.shards) {
    const from = Math.max(firstRow, start);
    const to = Math.min(firstRow + rows, start + source.rows);
    if (from < to) ranges.push({ source, first: from - start, rows: to - from });
    start += source.rows;
  }
  const description = { ...describeRows(table), firstRow, rows, generator: GENERATOR };
  const float64 = table.types?.some(exceedsFloat32) ?? false;
  return { type: "convert", file, format, compression, description, ranges, float64 };
}

/** What each shard's metadata says about its rows. */
function describeRows({
  manifest,
  features,
  columns,
}: Table): Pick<ShardDescription, "spec" | "maxima"> {
  if (manifest.kind === "table" || manifest.kind === "foreign") {
    return { spec: { kind: "table", features, columns } };
  }
  const { kind, noise, seed } = manifest;
  return {
    spec: { kind, features, noise, seed },
    ...(manifest.kind === "two-layer-sigmoid" && { maxima: manifest.constants.maxima }),
  };
}
