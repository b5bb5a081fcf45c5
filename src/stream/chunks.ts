import { throwIfAborted } from "../common/errors.js";
import { rowBytes, type Table } from "../storage/index.js";
import type { CheckedBatchOptions } from "./options.js";
import type { EpochPlan, PlanInput } from "./plan.js";
import { poolThreads, runChunkTask } from "./pool.js";
import { planGlobal } from "./shuffle/global.js";
import { planNone } from "./shuffle/none.js";
import { planShards } from "./shuffle/shards.js";
import { planWindow } from "./shuffle/window.js";
import type { ShuffleMode } from "./types.js";

const PLANS: Record<ShuffleMode, (input: PlanInput) => EpochPlan> = {
  none: planNone,
  shards: planShards,
  window: planWindow,
  global: planGlobal,
};

/** Rows of an epoch that a worker thread has read. */
export interface Chunk {
  epoch: number;
  rows: number;
  /** Features (rows × D), then targets (rows). */
  buffer: ArrayBuffer;
  /** Rows at the chunk's start that are not wanted, where iteration starts within it. */
  skip: number;
}

/** A sequence of chunks with a bounded number of them read ahead. */
export interface ChunkSource {
  /** The next chunk, in order; undefined at the end. */
  next(): Promise<Chunk | undefined>;
  /** A buffer that is not used any more, for the chunks to come. */
  recycle(buffer: ArrayBuffer): void;
  /** Waits for the work under way and frees what it held. */
  close(): Promise<void>;
}

interface Pending {
  epoch: number;
  plan: EpochPlan;
  result: Promise<Chunk>;
}

/**
 * Reads chunks ahead within the memory budget, in worker threads, over epoch after epoch.
 *
 * @param end one past the last wanted row of an epoch (fewer than all where the last batch is dropped)
 */
export function createChunkSource(
  table: Table,
  options: CheckedBatchOptions,
  startRow: number,
  end: number,
): ChunkSource {
  const { features } = table;
  const threads = poolThreads();
  const running = new Set<Promise<unknown>>();
  const free: ArrayBuffer[] = [];
  const queue: Pending[] = [];
  // Kept from epoch to epoch: a new one each time would lie about until every thread collects garbage.
  let shared: SharedArrayBuffer | undefined;
  let epoch = options.start.epoch;
  let plan: EpochPlan | undefined;
  let chunk = 0;
  let skip = 0;
  /** Rows of the epoch that come before the next chunk. */
  let position = 0;
  let closed = false;

  const track = <Result>(promise: Promise<Result>): Promise<Result> => {
    running.add(promise);
    // Its error is the caller's to see.
    void Promise.allSettled([promise]).then(() => running.delete(promise));
    return promise;
  };

  const makePlan = (): EpochPlan =>
    PLANS[options.shuffle]({
      shards: table.shards,
      rows: table.rows,
      features,
      batchSize: options.batchSize,
      seed: options.seed,
      epoch,
      memory: options.memory,
      scratch: options.scratch,
      shared(bytes) {
        if (shared === undefined || shared.byteLength < bytes)
          shared = new SharedArrayBuffer(bytes);
        return shared;
      },
      run: (task) => track(runChunkTask(task, options.signal)),
      threads,
    });

  /** Moves to the first chunk that holds a wanted row. */
  const startEpoch = async (): Promise<EpochPlan> => {
    const started = makePlan();
    plan = started;
    chunk = 0;
    position = 0;
    skip = 0;
    await started.prepare();
    const first = epoch === options.start.epoch ? startRow : 0;
    while (chunk < started.chunks && position + started.chunkRows(chunk) <= first) {
      position += started.chunkRows(chunk);
      chunk++;
    }
    skip = first - position;
    return started;
  };

  const endEpoch = async (ended: EpochPlan): Promise<void> => {
    await ended.release();
    plan = undefined;
    epoch++;
  };

  const push = (started: EpochPlan): void => {
    const rows = started.chunkRows(chunk);
    const skipped = skip;
    const ofEpoch = epoch;
    const bytes = rows * rowBytes(features);
    const task = started.task(chunk);
    const place = free.findIndex((buffer) => buffer.byteLength >= bytes);
    const [buffer] = place < 0 ? [] : free.splice(place, 1);
    const work = runChunkTask<ArrayBuffer>(
      buffer !== undefined && (task.type === "read" || task.type === "collect")
        ? { ...task, buffer }
        : task,
      options.signal,
    );
    const result = track(
      work.then((made) => ({ epoch: ofEpoch, rows, buffer: made, skip: skipped })),
    );
    // The error is thrown when the chunk's turn comes.
    result.catch(() => {});
    queue.push({ epoch, plan: started, result });
    position += rows;
    chunk++;
    skip = 0;
  };

  /** Starts as much work as the budget allows. Epochs follow each other without a pause. */
  const fill = async (): Promise<void> => {
    while (epoch < options.endEpoch) {
      if (closed) return;
      const current = plan ?? (await startEpoch());
      if (chunk >= current.chunks || position >= end) {
        // The scratch of `global` is needed until its last chunk has been read.
        if (queue.some((pending) => pending.plan === current)) {
          if (options.shuffle === "global") return;
        }
        await endEpoch(current);
        continue;
      }
      const rows = current.chunkRows(chunk);
      // A thread holds a chunk before and after its permutation, the queue holds it once.
      const bytes = Math.max(1, rows * rowBytes(features)) * 2;
      const depth = Math.max(1, Math.min(2 * threads, Math.floor(options.memory / bytes)));
      if (queue.length >= depth) return;
      if (rows === 0) chunk++;
      else push(current);
    }
  };

  return {
    async next() {
      throwIfAborted(options.signal);
      await fill();
      const pending = queue.shift();
      if (pending === undefined) return undefined;
      const made = await pending.result;
      throwIfAborted(options.signal);
      // Work goes on in the threads while the caller uses this chunk; `global` may have to end its epoch first.
      if (options.shuffle !== "global" || queue.length > 0) await fill();
      return made;
    },
    recycle(buffer) {
      if (free.length < 2 * threads) free.push(buffer);
    },
    async close() {
      closed = true;
      queue.length = 0;
      free.length = 0;
      await Promise.allSettled(running);
      await plan?.release();
      plan = undefined;
    },
  };
}
