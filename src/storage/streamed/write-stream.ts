import path from "node:path";
import { throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { hashFile } from "../../files/hash.js";
import { addChecksum, compareShard } from "../dataset/compare-shard.js";
import { writeShardAtomic, writeShardFile } from "../dataset/shard-file.js";
import { GENERATOR } from "../dataset/write-manifest.js";
import { measureRounding, mergeRounding, type ColumnRounding } from "../format/column-rounding.js";
import type { ColumnNames } from "../format/columns.js";
import { prepareCompression, type Compression } from "../format/compression.js";
import type { ShardEntry } from "../format/manifest.js";
import { recordBatchRows, shardFile, type ShardFormat } from "../format/shard-format.js";
import { clearTemporary, readEarlier, resumeShards } from "../output/resume-shards.js";
import type { JournalContent } from "../output/journal.js";
import { createRowQueue, type RowQueue } from "./row-queue.js";
import type { StreamedRows } from "./types.js";

/** Rows to write, and how. */
export interface StreamJob {
  /**
   * The rows. A function gives those behind a number of source rows, the dropped ones included, which an interrupted
   * job has finished; its blocks are cut where rows were dropped.
   */
  rows: AsyncIterable<StreamedRows> | ((sourceRows: number) => AsyncIterable<StreamedRows>);
  columns: ColumnNames;
  format: ShardFormat;
  compression: Compression;
  shardRows: number;
  /** What determines the bytes: only a job with the same is resumed. */
  identity: Record<string, unknown>;
  signal?: AbortSignal | undefined;
  /** Called with the rows and bytes written so far. */
  onRows?: (rows: number, bytes: number) => void;
}

/** What was written. */
export interface StreamedShards {
  shards: ShardEntry[];
  rows: number;
  dropped: number;
  /** Of float64 rows: what float32 changed in each column, the target's last. */
  rounding: ColumnRounding[] | undefined;
}

/**
 * Writes rows into shards, one after the other, as they come. Finished shards of an interrupted job are kept; where
 * their rows come again, they are passed over. Each shard is read back and compared before it counts as
 * finished.
 */
export async function writeStream(
  job: StreamJob,
  folder: string,
  resume: boolean,
): Promise<StreamedShards> {
  const { columns, format, signal } = job;
  await prepareCompression(job.compression);
  const earlier = readEarlier(folder, resume, job.identity);
  const { finished, journal } = await resumeShards(
    folder,
    job.identity,
    earlier,
    undefined,
    1,
    async (file) => hashFile(file),
  );
  const first = typeof job.rows === "function" ? leadingShards(format, finished, earlier) : NONE;
  const stream = typeof job.rows === "function" ? job.rows(first.sourceRows) : job.rows;
  const queue = createRowQueue(stream, columns.features.length);
  const shards: ShardEntry[] = [...first.shards];
  const roundings: ColumnRounding[][] = [...first.roundings];
  const total = sizeOf(shards);
  const droppedBefore = first.sourceRows - total.rows;
  try {
    while (await queue.hasMore()) {
      throwIfAborted(signal);
      const name = shardFile(shards.length, format);
      const known = finished.get(name);
      const written =
        known === undefined
          ? await writeShard(job, queue, path.join(folder, name), total.rows)
          : { shard: known, rounding: earlier?.rounding.get(name) };
      const { shard, rounding } = written;
      if (known !== undefined) await queue.skip(shard.rows);
      shards.push(shard);
      if (rounding !== undefined) roundings.push(rounding);
      total.rows += shard.rows;
      total.bytes += shard.bytes;
      const sourceRows = total.rows + droppedBefore + queue.dropped();
      if (known === undefined) {
        await journal.write({
          shard,
          ...(rounding && { rounding }),
          ...(typeof job.rows === "function" && { sourceRows }),
        });
      }
      job.onRows?.(total.rows, total.bytes);
    }
  } finally {
    journal.close();
    await queue.close();
    await clearTemporary(folder);
  }
  return {
    shards,
    rows: total.rows,
    dropped: droppedBefore + queue.dropped(),
    rounding: roundings.length === 0 ? undefined : roundings.reduce(mergeRounding),
  };
}

/** The first shards of an interrupted job, up to the first that is missing. */
interface LeadingShards {
  shards: ShardEntry[];
  roundings: ColumnRounding[][];
  /** Rows of the source that they took. */
  sourceRows: number;
}

const NONE: LeadingShards = { shards: [], roundings: [], sourceRows: 0 };

function leadingShards(
  format: ShardFormat,
  finished: ReadonlyMap<string, ShardEntry>,
  earlier: JournalContent | undefined,
): LeadingShards {
  const found: LeadingShards = { shards: [], roundings: [], sourceRows: 0 };
  for (;;) {
    const name = shardFile(found.shards.length, format);
    const shard = finished.get(name);
    const sourceRows = earlier?.sourceRows.get(name);
    if (shard === undefined || sourceRows === undefined) return found;
    found.shards.push(shard);
    found.sourceRows = sourceRows;
    const rounding = earlier?.rounding.get(name);
    if (rounding !== undefined) found.roundings.push(rounding);
  }
}

function sizeOf(shards: readonly ShardEntry[]): { rows: number; bytes: number } {
  return {
    rows: shards.reduce((sum, { rows }) => sum + rows, 0),
    bytes: shards.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Writes the next rows as one shard. */
async function writeShard(
  job: StreamJob,
  queue: RowQueue,
  file: string,
  firstRow: number,
): Promise<{ shard: ShardEntry; rounding: ColumnRounding[] | undefined }> {
  const { columns, format, compression, shardRows, signal } = job;
  const features = columns.features.length;
  const batchRows = recordBatchRows(features);
  const x = new Float32Array(batchRows * features);
  const y = new Float32Array(batchRows);
  const pause = createPause(signal);
  const description = {
    spec: { kind: "table", features, columns } as const,
    firstRow,
    rows: 0,
    generator: GENERATOR,
  };
  let rounding: ColumnRounding[] | undefined;
  const shard = await writeShardAtomic(file, async (temporary) => {
    let checksum = 0;
    const entry = await writeShardFile(
      temporary,
      format,
      compression,
      description,
      async (append) => {
        for (let left = shardRows; left > 0;) {
          const taken = await queue.take(Math.min(left, batchRows));
          if (taken === undefined) break;
          const { rows } = taken;
          if (taken.x instanceof Float64Array && taken.y instanceof Float64Array) {
            const measured = measureRounding(taken.x, taken.y, rows, features);
            rounding = rounding === undefined ? measured : mergeRounding(rounding, measured);
          }
          x.set(taken.x);
          y.set(taken.y);
          const batch = { x: x.subarray(0, rows * features), y: y.subarray(0, rows) };
          checksum = addChecksum(checksum, batch);
          await append(batch.x, batch.y, rows);
          description.rows += rows;
          left -= rows;
          job.onRows?.(firstRow + description.rows, 0);
          await pause();
        }
      },
    );
    await compareShard(temporary, format, { rows: description.rows, features }, checksum);
    return { ...entry, rows: description.rows };
  });
  return { shard, rounding };
}
