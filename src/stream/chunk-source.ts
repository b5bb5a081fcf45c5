import { interruption, throwIfAborted } from "../common/errors.js";
import { onAbort } from "../common/on-abort.js";
import { rowBytes, type Table } from "../storage/index.js";
import { createCancellableTasks } from "./chunks/cancellable-tasks.js";
import type { EpochPlan } from "./chunks/plan.js";
import { poolThreads } from "./chunks/pool.js";
import { createSpareBuffers } from "./chunks/spare-buffers.js";
import { createEpochs, type Epoch, type WantedChunk } from "./epochs.js";
import type { CheckedBatchOptions } from "./check-options.js";

/** Rows of an epoch that a worker thread has read. */
export interface Chunk {
  epoch: number;
  rows: number;
  /** Features (rows × D), then targets (rows). */
  buffer: ArrayBuffer;
  /** Rows at the chunk's start that are not wanted, where iteration starts within it. */
  skip: number;
}

/** A sequence of chunks, a bounded number of which are read ahead. */
export interface ChunkSource {
  /** The next chunk, in order; undefined at the end. */
  next(): Promise<Chunk | undefined>;
  /** Takes back a buffer that is not used any more, for chunks to come. */
  recycle(buffer: ArrayBuffer): void;
  /** Ends the work in the threads, waits until they are free of it, and frees memory and files. */
  close(): Promise<void>;
}

/**
 * Reads chunks ahead within the memory budget, in worker threads, over epoch after epoch. It closes
 * itself once the signal of the options is aborted.
 *
 * @param startRow number of the first wanted row in the first epoch
 * @param end one past the last wanted row of every epoch
 */
export function createChunkSource(
  table: Table,
  options: CheckedBatchOptions,
  startRow: number,
  end: number,
): ChunkSource {
  const { features } = table;
  const { signal } = options;
  const threads = options.workers ?? poolThreads();
  const tasks = createCancellableTasks(threads);
  const epochs = createEpochs(table, options, tasks, threads, end);
  const spare = createSpareBuffers(2 * threads);
  /** Chunks that are being read or have been, in order. */
  const queue: { plan: EpochPlan; chunk: Promise<Chunk> }[] = [];
  let nextEpoch = options.start.epoch;
  let current: Epoch | undefined;
  let closing: Promise<void> | undefined;
  /** Ends the wait for a chunk. */
  let interrupt: (() => void) | undefined;
  const stopListening =
    signal &&
    onAbort(signal, () => {
      void close().catch(() => {});
      interrupt?.();
    });

  async function startEpoch(): Promise<Epoch> {
    const started = await epochs.start(nextEpoch, nextEpoch === options.start.epoch ? startRow : 0);
    if (closing !== undefined) {
      // Closed meanwhile, when there was no epoch to release yet.
      await started.plan.release();
      throw interruption();
    }
    nextEpoch++;
    return started;
  }

  function read({ number, plan }: Epoch, { chunk, unread, rows, skip }: WantedChunk): void {
    const buffer = spare.take(rows * rowBytes(features));
    const task = plan.task(chunk, unread);
    const reading = tasks
      .run<ArrayBuffer>(buffer === undefined ? task : { ...task, buffer })
      .then((filled) => ({ epoch: number, rows, buffer: filled, skip }));
    // Its error is thrown when the chunk's turn comes.
    reading.catch(() => {});
    queue.push({ plan, chunk: reading });
  }

  /** How many chunks the budget allows at once; at least one. */
  function mostChunks({ heldBytes = 0 }: EpochPlan, rows: number): number {
    // A thread holds a chunk before and after its permutation, the queue holds it once.
    const bytes = Math.max(1, rows * rowBytes(features)) * 2;
    return Math.max(1, Math.min(2 * threads, Math.floor((options.memory - heldBytes) / bytes)));
  }

  /** Starts as many reads as the budget allows. Epochs follow each other without a pause. */
  async function fill(): Promise<void> {
    while (current !== undefined || nextEpoch < options.endEpoch) {
      if (closing !== undefined) return;
      current ??= await startEpoch();
      const { plan } = current;
      const wanted = current.next();
      if (wanted === undefined) {
        if (plan.exclusive === true && queue.some((pending) => pending.plan === plan)) return;
        await plan.release();
        current = undefined;
      } else {
        if (queue.length >= mostChunks(plan, wanted.rows)) return;
        read(current, wanted);
        current.advance();
      }
    }
  }

  async function finish(): Promise<void> {
    stopListening?.();
    queue.length = 0;
    spare.clear();
    await tasks.cancel();
    await current?.plan.release();
    current = undefined;
    epochs.close();
  }
  function close(): Promise<void> {
    return (closing ??= finish());
  }

  return {
    async next() {
      throwIfAborted(signal);
      await fill();
      throwIfAborted(signal);
      const pending = queue.shift();
      if (pending === undefined) return undefined;
      const chunk = await new Promise<Chunk>((resolve, reject) => {
        interrupt = () => reject(interruption());
        pending.chunk.then(resolve, reject);
      });
      throwIfAborted(signal);
      // The threads go on while the caller uses this chunk. An exclusive epoch may have ended with
      // it: the caller need not wait until the next one is prepared.
      if (pending.plan.exclusive !== true || queue.length > 0) await fill();
      return chunk;
    },
    recycle: (buffer) => spare.give(buffer),
    close,
  };
}
