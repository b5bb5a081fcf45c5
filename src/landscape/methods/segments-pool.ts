import { createWorkerPool } from "../../common/worker-pool.js";
import type { DenseNetwork } from "../../model/index.js";
import { pointwise } from "./curves.js";
import { vectorsOf, withVectors } from "../directions/weights.js";
import { supportedSimd } from "./kernel.js";
import type { SliceMethod } from "./method.js";
import type { Grid } from "../points/grid.js";

/** A batch for a worker thread, with the line that it belongs to. */
export interface PiecesTask {
  /** Tells the lines of one process apart. */
  id: number;
  line: Grid;
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

let lines = 0;

/**
 * `reluPieces` in worker threads, a batch a thread. Each batch is computed by one thread alone, so
 * that the losses do not depend on how many there are.
 */
export async function pooledPieces(line: Grid, workers: number): Promise<SliceMethod> {
  const pool = createWorkerPool<PiecesTask, Float64Array>(
    new URL("segments-worker.js", import.meta.url),
    workers,
  );
  const id = (lines += 1);
  const shared: Grid = {
    centre: inSharedMemory(line.centre),
    directions: line.directions.map(inSharedMemory),
    alphas: line.alphas,
    betas: line.betas,
  };
  // Every thread gets its kernel and tables ready while the first batches are read.
  const nothing = { id, line: shared, x: new Float32Array(0), y: new Float32Array(0), rows: 0 };
  for (let thread = 0; thread < workers; thread++) {
    // What cannot be made ready fails again, and is told, with the first batch.
    pool.run(nothing).catch(() => {});
  }
  return {
    name: "relu-pieces",
    simd: supportedSimd(),
    // One more than there are threads, so that none waits for the next batch to be copied.
    parallel: workers + 1,
    curves: pointwise(line),
    async evaluate(batch, signal) {
      // The copies are handed over; the batch's own arrays may be used again at once.
      const x = batch.x.slice(0, batch.rows * line.centre[0]!.inputs);
      const y = batch.y.slice(0, batch.rows);
      return pool.run({ id, line: shared, x, y, rows: batch.rows }, signal, [x.buffer, y.buffer]);
    },
    dispose: () => pool.close(),
  };
}

/** The same layers with weights that every thread sees, so that a task does not carry them. */
function inSharedMemory(network: DenseNetwork): DenseNetwork {
  const vectors = vectorsOf(network).map((vector) => {
    const shared = new Float32Array(new SharedArrayBuffer(vector.byteLength));
    shared.set(vector);
    return shared;
  });
  return withVectors(network, vectors);
}
