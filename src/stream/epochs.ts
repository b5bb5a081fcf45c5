import type { Table } from "../storage/index.js";
import type { CancellableTasks } from "./chunks/cancellable-tasks.js";
import type { EpochPlan } from "./chunks/plan.js";
import { giveShared, takeShared } from "./chunks/shared-memory.js";
import type { CheckedBatchOptions } from "./check-options.js";
import { PLANS } from "./shuffle/index.js";

/** An epoch that is being read. */
export interface Epoch {
  /** Counted from 0. */
  readonly number: number;
  readonly plan: EpochPlan;
  /** The chunk to read next; undefined once all are being read, or have been. */
  next(): WantedChunk | undefined;
  /** Goes on to the chunk after it. */
  advance(): void;
}

/** A chunk that holds wanted rows. */
export interface WantedChunk {
  /** Its number in the plan. */
  chunk: number;
  /** Rows at its start that are not read. */
  unread: number;
  /** Rows to read. */
  rows: number;
  /** Rows at the start of those that are read and not wanted. */
  skip: number;
}

/** Plans and prepares the epochs of a loader, one after the other. */
export interface Epochs {
  /**
   * Prepares an epoch. Nothing is left of it where that fails or is interrupted.
   *
   * @param first number of the first wanted row
   */
  start(number: number, first: number): Promise<Epoch>;
  /** Frees what epochs hand on to each other. */
  close(): void;
}

/**
 * @param end one past the last wanted row of an epoch: fewer than all where the last batch is dropped
 */
export function createEpochs(
  table: Table,
  options: CheckedBatchOptions,
  tasks: CancellableTasks,
  threads: number,
  end: number,
): Epochs {
  // Each epoch needs as much of it.
  let shared: SharedArrayBuffer | undefined;
  return {
    async start(number, first) {
      const { shards, rows, features } = table;
      const { batchSize, seed, memory, scratch } = options;
      const plan = PLANS[options.shuffle]({
        shards,
        rows,
        features,
        batchSize,
        seed,
        epoch: number,
        memory,
        scratch,
        shared: (bytes) => (shared ??= takeShared(bytes)),
        run: (task) => tasks.run(task),
        threads,
      });
      try {
        await plan.prepare();
      } catch (error) {
        await plan.release();
        throw error;
      }
      const chunks = wantedChunks(plan, first, end);
      let next = chunks.next();
      return {
        number,
        plan,
        next: () => next.value ?? undefined,
        advance() {
          next = chunks.next();
        },
      };
    },
    close() {
      if (shared !== undefined) giveShared(shared);
      shared = undefined;
    },
  };
}

/** @yields the chunks that hold rows first … end−1 of an epoch, in order */
function* wantedChunks(
  plan: EpochPlan,
  first: number,
  end: number,
): Generator<WantedChunk, void, void> {
  let position = 0;
  for (let chunk = 0; chunk < plan.chunks && position < end; chunk++) {
    const rows = plan.chunkRows(chunk);
    if (rows > 0 && position + rows > first) {
      const unwanted = Math.max(0, first - position);
      const unread = plan.startsAnywhere === true ? unwanted : 0;
      yield { chunk, unread, rows: rows - unread, skip: unwanted - unread };
    }
    position += rows;
  }
}
