import { interruption, throwIfAborted } from "../common/errors.js";
import { onAbort } from "../common/on-abort.js";
import { rowBytes, type Table } from "../storage/index.js";
import type { CheckedBatchOptions } from "./check-options.js";
import type { EpochPlan, PlanInput } from "./chunks/plan.js";
import { poolThreads, runChunkTask } from "./chunks/pool.js";
import { planGlobal } from "./shuffle/global.js";
import { planNone } from "./shuffle/none.js";
import { planShards } from "./shuffle/shards.js";
import { planWindow } from "./shuffle/window.js";
import { giveShared, takeShared } from "./chunks/shared-memory.js";
import type { ShuffleMode } from "./options.js";

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
  /** Ends the work under way and frees what it held. */
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
  const threads = options.workers ?? poolThreads();
  const running = new Set<Promise<unknown>>();
  const free: ArrayBuffer[] = [];
  const queue: Pending[] = [];
  // Kept from epoch to epoch, each of which needs as much.
  let shared: SharedArrayBuffer | undefined;
  let epoch = options.start.epoch;
  let plan: EpochPlan | undefined;
  let chunk = 0;
  let skip = 0;
  /** Rows of the epoch that come before the next chunk. */
  let position = 0;
  let closing: Promise<void> | undefined;
  /** Tells the threads that nobody wants their chunks any more. */
  let cancel: Int32Array<SharedArrayBuffer> | undefined;
  /** Ends the caller's wait for a chunk. */
  let interrupt: (() => void) | undefined;
  let stopListening: (() => void) | undefined;

  const start = (): Int32Array<SharedArrayBuffer> => {
    if (cancel !== undefined) return cancel;
    cancel = new Int32Array(new SharedArrayBuffer(4));
    if (options.signal !== undefined) {
      stopListening = onAbort(options.signal, () => {
        void close().catch(() => {});
        interrupt?.();
      });
    }
    return cancel;
  };

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
        return (shared ??= takeShared(bytes));
      },
      run: (task) => track(runChunkTask({ ...task, cancel: start().buffer }, undefined, threads)),
      threads,
    });

  /** Moves to the first chunk that holds a wanted row. */
  const startEpoch = async (): Promise<EpochPlan> => {
    start();
    const started = makePlan();
    plan = started;
    chunk = 0;
    position = 0;
    skip = 0;
    try {
      await started.prepare();
      // Closed meanwhile, when there may have been nothing to release yet.
      if (closing !== undefined) throw interruption();
    } catch (error) {
      await started.release();
      throw error;
    }
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
    const unread = started.startsAnywhere === true ? skip : 0;
    const rows = started.chunkRows(chunk) - unread;
    const skipped = skip - unread;
    const ofEpoch = epoch;
    const bytes = rows * rowBytes(features);
    const task = { ...started.task(chunk, unread), cancel: start().buffer };
    const place = free.findIndex((buffer) => buffer.byteLength >= bytes);
    const [buffer] = place < 0 ? [] : free.splice(place, 1);
    const work = runChunkTask<ArrayBuffer>(
      buffer === undefined ? task : { ...task, buffer },
      undefined,
      threads,
    );
    const result = track(
      work.then((made) => ({ epoch: ofEpoch, rows, buffer: made, skip: skipped })),
    );
    // The error is thrown when the chunk's turn comes.
    result.catch(() => {});
    queue.push({ epoch, plan: started, result });
    position += unread + rows;
    chunk++;
    skip = 0;
  };

  /** Starts as much work as the budget allows. Epochs follow each other without a pause. */
  const fill = async (): Promise<void> => {
    while (epoch < options.endEpoch) {
      if (closing !== undefined) return;
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
      const memory = options.memory - (current.heldBytes ?? 0);
      const depth = Math.max(1, Math.min(2 * threads, Math.floor(memory / bytes)));
      if (queue.length >= depth) return;
      if (rows === 0) chunk++;
      else push(current);
    }
  };

  /** Frees everything, once the threads have dropped what they were at. */
  const finish = async (): Promise<void> => {
    if (cancel !== undefined) Atomics.store(cancel, 0, 1);
    stopListening?.();
    queue.length = 0;
    free.length = 0;
    await Promise.allSettled(running);
    await plan?.release();
    plan = undefined;
    if (shared !== undefined) giveShared(shared);
    shared = undefined;
  };
  const close = (): Promise<void> => (closing ??= finish());

  /** The chunk, or an interruption as soon as the signal is aborted. */
  const take = (result: Promise<Chunk>): Promise<Chunk> =>
    new Promise((resolve, reject) => {
      interrupt = () => reject(interruption());
      result.then(resolve, reject);
    });

  return {
    async next() {
      throwIfAborted(options.signal);
      await fill();
      throwIfAborted(options.signal);
      const pending = queue.shift();
      if (pending === undefined) return undefined;
      const made = await take(pending.result);
      throwIfAborted(options.signal);
      // Work goes on in the threads while the caller uses this chunk; `global` may have to end its epoch first.
      if (options.shuffle !== "global" || queue.length > 0) await fill();
      return made;
    },
    recycle(buffer) {
      // The largest are kept: chunks differ in length, and one that is too short for the next is of no use.
      free.push(buffer);
      free.sort((one, other) => other.byteLength - one.byteLength);
      free.length = Math.min(free.length, 2 * threads);
    },
    close,
  };
}
