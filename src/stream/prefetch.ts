import { interruption, throwIfAborted } from "../common/errors.js";
import { onAbort } from "../common/on-abort.js";
import { rowBytes, type Table } from "../storage/index.js";
import type { CheckedBatchOptions } from "./check-options.js";
import { createCancellableTasks } from "./chunks/cancellable-tasks.js";
import type { EpochPlan } from "./chunks/plan.js";
import { poolThreads } from "./chunks/pool.js";
import { createSpareBuffers } from "./chunks/spare-buffers.js";
import { createEpochs, type NextChunk } from "./epochs.js";

/** Rows of an epoch that a worker thread has read. */
export interface Chunk {
  epoch: number;
  rows: number;
  /** Features (rows × D), then targets (rows). */
  buffer: ArrayBuffer;
  /** Rows at the chunk's start that are not wanted, where iteration starts within it. */
  skip: number;
}

/** A sequence of chunks that are read ahead. */
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
export function prefetchChunks(
  table: Table,
  options: CheckedBatchOptions,
  startRow: number,
  end: number,
): ChunkSource {
  const { signal } = options;
  const bytesOfRow = rowBytes(table.features);
  const threads = options.workers ?? poolThreads();
  const tasks = createCancellableTasks(threads);
  const epochs = createEpochs(table, options, tasks, threads, startRow, end);
  const spare = createSpareBuffers(2 * threads);
  /** Chunks that are being read or have been, in order. */
  const queue: { plan: EpochPlan; chunk: Promise<Chunk> }[] = [];
  let closing: Promise<void> | undefined;
  /** Ends the wait for a chunk. */
  let interrupt: (() => void) | undefined;
  const stopListening =
    signal &&
    onAbort(signal, () => {
      void close().catch(() => {});
      interrupt?.();
    });

  const isReading = (plan: EpochPlan): boolean => queue.some((pending) => pending.plan === plan);

  /** Starts as many reads as the budget allows. Epochs follow each other without a pause. */
  async function fill(): Promise<void> {
    for (;;) {
      if (closing !== undefined) return;
      const next = await epochs.next(isReading);
      if (next === undefined || closing !== undefined) return;
      if (queue.length >= mostChunks(next, bytesOfRow, options.memory, threads)) return;
      queue.push({ plan: next.plan, chunk: read(next) });
      epochs.advance();
    }
  }

  function read({ epoch, plan, chunk, unread, rows, skip }: NextChunk): Promise<Chunk> {
    const buffer = spare.take(rows * bytesOfRow);
    const task = plan.task(chunk, unread);
    const reading = tasks
      .run<ArrayBuffer>(buffer === undefined ? task : { ...task, buffer })
      .then((filled) => ({ epoch, rows, buffer: filled, skip }));
    // Its error is thrown when the chunk's turn comes.
    reading.catch(() => {});
    return reading;
  }

  function close(): Promise<void> {
    return (closing ??= finish());
  }
  async function finish(): Promise<void> {
    stopListening?.();
    queue.length = 0;
    spare.clear();
    await tasks.cancel();
    await epochs.close();
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
      // The threads read on while the caller uses this chunk. An exclusive epoch may have ended with
      // it: the caller need not wait until the next one is prepared.
      if (pending.plan.exclusive !== true || queue.length > 0) await fill();
      return chunk;
    },
    recycle: (buffer) => spare.give(buffer),
    close,
  };
}

/** How many chunks the budget allows at once; at least one. */
function mostChunks(
  { plan, rows }: NextChunk,
  bytesOfRow: number,
  memory: number,
  threads: number,
): number {
  // A thread holds a chunk before and after its permutation, the queue holds it once.
  const bytes = Math.max(1, rows * bytesOfRow) * 2;
  const left = memory - (plan.heldBytes ?? 0);
  return Math.max(1, Math.min(2 * threads, Math.floor(left / bytes)));
}
