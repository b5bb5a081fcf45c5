import { availableParallelism } from "node:os";
import path from "node:path";
import { failure, throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { hashFile } from "../../files/hash.js";
import { writeShardAtomic, writtenShard, type WrittenShard } from "../dataset/shard-file.js";
import { mergeAllRounding, type ColumnRounding } from "../format/column-rounding.js";
import type { ColumnNames } from "../format/columns.js";
import type { Compression } from "../format/compression.js";
import type { ShardEntry } from "../format/manifest.js";
import { recordBatchRows, shardFile, type ShardFormat } from "../format/shard-format.js";
import { clearTemporary, readEarlier, resumeShards } from "../output/resume-shards.js";
import type { JournalContent } from "../output/journal.js";
import { shownFolder } from "../output/remote-output.js";
import { createRowQueue, type RowQueue } from "./row-queue.js";
import { writeBatches, type ShardTask } from "./shard-task.js";
import { createShardWriters, type ShardWriters } from "./shard-writers.js";
import type { StreamedRows } from "./types.js";

/** Shards that are complete and not yet on disk or in the store, at most. */
const MOST_UNFINISHED = 8;

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
  /** Threads that write shards. Default: one per core. */
  workers?: number | undefined;
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
 * Writes rows into shards as they come, in threads where they are more than a batch. Finished shards of an
 * interrupted job are kept; where their rows come again, they are passed over. Each shard is read back and compared
 * before it counts as finished. The bytes do not depend on the number of threads.
 */
export async function writeStream(
  job: StreamJob,
  folder: string,
  resume: boolean,
): Promise<StreamedShards> {
  const { columns, format } = job;
  const earlier = readEarlier(folder, resume, job.identity);
  const resumed = await resumeShards(folder, job.identity, earlier, undefined, 1, hashLater);
  const { finished, journal } = resumed;
  const first = typeof job.rows === "function" ? leadingShards(format, finished, earlier) : NONE;
  const stream = typeof job.rows === "function" ? job.rows(first.sourceRows) : job.rows;
  const queue = createRowQueue(stream, columns.features.length);
  const made: WrittenShard[] = [...first.made];
  const total = sizeOf(made);
  const droppedBefore = first.sourceRows - total.rows;
  const feeder = createFeeder(job, queue, (rows) => job.onRows?.(rows, total.bytes));
  const pending: Promise<void>[] = [];
  /** Notes a shard in the journal once it is complete. */
  const finish = async (number: number, fed: FedShard, sourceRows: number): Promise<void> => {
    const shard = await fed.written;
    made[number] = shard;
    total.bytes += shard.shard.bytes;
    await journal.write({ ...shard, ...(typeof job.rows === "function" && { sourceRows }) });
    job.onRows?.(total.rows, total.bytes);
  };
  try {
    for (let number = made.length; await queue.hasMore(); number++) {
      throwIfAborted(job.signal);
      const name = shardFile(number, format);
      const known = finished.get(name);
      // Rows may come faster than shards are uploaded.
      await pending.at(-MOST_UNFINISHED);
      if (known === undefined) {
        const fed = await feeder.feed(path.join(folder, name), total.rows);
        total.rows += fed.rows;
        const sourceRows = total.rows + droppedBefore + queue.dropped();
        const finishing = finish(number, fed, sourceRows);
        // Thrown below, or by the next batch.
        finishing.catch(() => {});
        pending.push(finishing);
      } else {
        if (!(await queue.skip(known.rows))) throw tooFew(folder);
        made[number] = writtenShard(known, earlier?.rounding.get(name));
        total.rows += known.rows;
        total.bytes += known.bytes;
      }
    }
    await Promise.all(pending);
  } finally {
    // Shards that have all their rows are kept for a resumption.
    await Promise.allSettled(pending);
    await feeder.close();
    journal.close();
    await queue.close();
    await clearTemporary(folder);
  }
  return {
    shards: made.map(({ shard }) => shard),
    rows: total.rows,
    dropped: droppedBefore + queue.dropped(),
    rounding: mergeAllRounding(made),
  };
}

function tooFew(folder: string): Error {
  const shown = shownFolder(folder);
  return failure(
    (option) =>
      `The rows ended before those that ${shown} has already; use ${option("force")} to start again.`,
  );
}

async function hashLater(file: string): Promise<string> {
  return hashFile(file);
}

/** The first shards of an interrupted job, up to the first that is missing. */
interface LeadingShards {
  made: WrittenShard[];
  /** Rows of the source that they took. */
  sourceRows: number;
}

const NONE: LeadingShards = { made: [], sourceRows: 0 };

function leadingShards(
  format: ShardFormat,
  finished: ReadonlyMap<string, ShardEntry>,
  earlier: JournalContent | undefined,
): LeadingShards {
  const found: LeadingShards = { made: [], sourceRows: 0 };
  for (;;) {
    const name = shardFile(found.made.length, format);
    const shard = finished.get(name);
    const sourceRows = earlier?.sourceRows.get(name);
    if (shard === undefined || sourceRows === undefined) return found;
    found.made.push(writtenShard(shard, earlier?.rounding.get(name)));
    found.sourceRows = sourceRows;
  }
}

function sizeOf(made: readonly WrittenShard[]): { rows: number; bytes: number } {
  return {
    rows: made.reduce((sum, { shard }) => sum + shard.rows, 0),
    bytes: made.reduce((sum, { shard }) => sum + shard.bytes, 0),
  };
}

/** A shard that has all its rows, and is being written. */
interface FedShard {
  rows: number;
  written: Promise<WrittenShard>;
}

/** Hands the rows of a queue over to shards. */
interface Feeder {
  /** Hands over the next rows as one shard. */
  feed(file: string, firstRow: number): Promise<FedShard>;
  /** Stops shards that do not have all their rows. */
  close(): Promise<void>;
}

function createFeeder(job: StreamJob, queue: RowQueue, onRows: (rows: number) => void): Feeder {
  const { columns, format, compression, shardRows } = job;
  const batchRows = recordBatchRows(columns.features.length);
  const pause = createPause(job.signal);
  let writers: ShardWriters | undefined;
  let unfinished: Promise<unknown> | undefined;
  return {
    async feed(file, firstRow) {
      const task: ShardTask = { file, format, compression, columns, firstRow };
      let batch = await queue.take(Math.min(shardRows, batchRows));
      if (batch === undefined) throw new Error("A shard has rows.");
      if (writers === undefined && !(await queue.hasMore())) {
        // Starting a thread would take longer.
        const only = [batch];
        const written = writeShardAtomic(file, (temporary) =>
          writeBatches({ ...task, file: temporary }, only),
        );
        return { rows: batch.rows, written };
      }
      writers ??= createShardWriters(
        job.workers ?? availableParallelism(),
        batchRows,
        columns.features.length,
      );
      const sink = writers.start(task);
      unfinished = sink.written;
      let rows = 0;
      while (batch !== undefined) {
        await sink.put(batch);
        rows += batch.rows;
        onRows(firstRow + rows);
        await pause();
        const left = Math.min(shardRows - rows, batchRows);
        batch = left === 0 ? undefined : await queue.take(left);
      }
      sink.end();
      unfinished = undefined;
      return { rows, written: sink.written };
    },
    async close() {
      await writers?.close();
      await unfinished?.catch(() => {});
    },
  };
}
