import { failure, throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { createWorkerPool } from "../../common/worker-pool.js";
import { lineNetwork, type Line } from "./row/line-network.js";
import {
  createPartPieces,
  type NumberedRows,
  type PartPieces,
  type PiecesTask,
} from "./part-pieces.js";

/** Rows of a part: some 20 ms of work. */
export const PIECE_ROWS = 512;
/** From so many rows on, threads are worth their start. */
const POOLED_ROWS = 30_000;

export interface PiecesOptions {
  /** The most threads; for few rows the calling thread computes alone. */
  workers: number;
  /** All rows. */
  rows: number;
  signal: AbortSignal | undefined;
}

let lines = 0;

/**
 * Finds the pieces of parts of the rows, in threads.
 *
 * @param parts in shared memory; one may be used again once `release` was called with it
 * @yields the pieces of each part, in the order of the parts
 */
export async function* linePieces<Part extends NumberedRows>(
  line: Line,
  parts: AsyncIterable<Part>,
  release: (part: Part) => void,
  { workers, rows, signal }: PiecesOptions,
): AsyncGenerator<PartPieces, void, void> {
  const pooled = workers > 1 && rows >= POOLED_ROWS;
  const computing = pooled ? inThreads(line, workers, signal) : inThisThread(line, signal);
  const running: Promise<{ part: Part; pieces: PartPieces }>[] = [];
  const first = async (): Promise<PartPieces> => {
    const { part, pieces } = await running.shift()!;
    release(part);
    if (!Number.isFinite(pieces.magnitude + pieces.error)) throw tooLarge();
    return pieces;
  };
  try {
    for await (const part of parts) {
      throwIfAborted(signal);
      running.push(computing.find(part).then((pieces) => ({ part, pieces })));
      if (running.length >= computing.parallel) yield await first();
    }
    while (running.length > 0) yield await first();
  } finally {
    await Promise.allSettled(running);
    await computing.close();
  }
}

interface Computing {
  /** Parts that are computed at a time. */
  parallel: number;
  find(rows: NumberedRows): Promise<PartPieces>;
  close(): Promise<void>;
}

function inThisThread(line: Line, signal: AbortSignal | undefined): Computing {
  const find = createPartPieces(lineNetwork(line.centre, line.direction), line.from, line.to);
  const pause = createPause(signal);
  return {
    parallel: 1,
    async find(rows) {
      await pause();
      return find(rows);
    },
    close: () => Promise.resolve(),
  };
}

function inThreads(line: Line, workers: number, signal: AbortSignal | undefined): Computing {
  const pool = createWorkerPool<PiecesTask, PartPieces>(
    new URL("certificate-worker.js", import.meta.url),
    workers,
  );
  const id = (lines += 1);
  return {
    // Two more than there are threads: none waits while the next part is read.
    parallel: workers + 2,
    find: (rows) => pool.run({ id, line, rows }, signal),
    close: () => pool.close(),
  };
}

function tooLarge(): Error {
  return failure(
    "The loss along the line has values that are not finite numbers; a certificate needs weights and rows that are finite, and not too large.",
  );
}
