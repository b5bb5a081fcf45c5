import { interruption } from "../common/errors.js";
import type { Table } from "../storage/index.js";
import type { CheckedBatchOptions } from "./check-options.js";
import type { CancellableTasks } from "./chunks/cancellable-tasks.js";
import type { EpochPlan } from "./chunks/plan.js";
import { giveShared, takeShared } from "./chunks/shared-memory.js";
import { PLANS } from "./shuffle/index.js";

/** Which chunk comes next, over epoch after epoch. */
export interface Epochs {
  /**
   * The chunk to read next. If the current epoch has no more chunks, prepares the next epoch.
   *
   * @param isReading whether chunks of a plan are being read
   * @returns undefined at the end, and while an exclusive plan has chunks that are being read
   */
  next(isReading: (plan: EpochPlan) => boolean): Promise<NextChunk | undefined>;
  /** Moves on to the chunk after it. */
  advance(): void;
  /** Frees memory and files of the plans, once none of their tasks is running. */
  close(): Promise<void>;
}

/** A chunk to read, in its plan. */
export interface NextChunk extends WantedChunk {
  epoch: number;
  plan: EpochPlan;
}

/** A chunk that holds wanted rows. */
interface WantedChunk {
  /** Its number in the plan. */
  chunk: number;
  /** Rows at its start that are not read. */
  unread: number;
  /** Rows to read. */
  rows: number;
  /** Rows at the start of those that are read and not wanted. */
  skip: number;
}

/**
 * @param startRow number of the first wanted row in the first epoch
 * @param end one past the last wanted row of every epoch: fewer than all where the last batch is dropped
 */
export function createEpochs(
  table: Table,
  options: CheckedBatchOptions,
  tasks: CancellableTasks,
  threads: number,
  startRow: number,
  end: number,
): Epochs {
  let epoch = options.start.epoch;
  let plan: EpochPlan | undefined;
  let chunks: Iterator<WantedChunk, void> | undefined;
  let wanted: WantedChunk | undefined;
  /** Each epoch needs as much of it. */
  let shared: SharedArrayBuffer | undefined;
  let isClosed = false;

  async function start(): Promise<EpochPlan> {
    const { shards, rows, features } = table;
    const { batchSize, bufferShards, seed, memory, scratch } = options;
    const started = PLANS[options.shuffle]({
      shards,
      rows,
      features,
      batchSize,
      seed,
      epoch,
      bufferShards,
      memory,
      scratch,
      threads,
      shared: (bytes) => (shared ??= takeShared(bytes)),
      run: (task) => tasks.run(task),
    });
    try {
      await started.prepare();
      // Closed meanwhile, when there was no plan to release yet.
      if (isClosed) throw interruption();
    } catch (error) {
      await started.release();
      throw error;
    }
    chunks = wantedChunks(started, epoch === options.start.epoch ? startRow : 0, end);
    wanted = chunks.next().value ?? undefined;
    return started;
  }

  return {
    async next(isReading) {
      while (epoch < options.endEpoch) {
        plan ??= await start();
        if (wanted !== undefined) return { ...wanted, epoch, plan };
        if (plan.exclusive === true && isReading(plan)) return undefined;
        await plan.release();
        plan = undefined;
        epoch++;
      }
      return undefined;
    },
    advance() {
      wanted = chunks?.next().value ?? undefined;
    },
    async close() {
      isClosed = true;
      await plan?.release();
      plan = undefined;
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
