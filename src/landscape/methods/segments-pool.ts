import { createWorkerPool } from "../../common/worker-pool.js";
import type { DenseNetwork } from "../../model/index.js";
import { pointwise } from "./curves.js";
import { vectorsOf, withVectors } from "../directions/weights.js";
import { supportedSimd } from "./kernel.js";
import type { SliceMethod } from "./types.js";
import type { Grid } from "../points/grid.js";

/** A batch for a worker thread, with the grid to evaluate. */
export interface SegmentsTask {
  /** Identifies the grid within its process. */
  id: number;
  line: Grid;
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

let lines = 0;

/**
 * `reluSegments` in worker threads. Each batch is computed by one thread, so that the losses do not
 * depend on the number of threads.
 */
export async function pooledSegments(line: Grid, workers: number): Promise<SliceMethod> {
  const pool = createWorkerPool<SegmentsTask, Float64Array>(
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
  // Every thread loads its kernel and weights while the first batches are read.
  const nothing = { id, line: shared, x: new Float32Array(0), y: new Float32Array(0), rows: 0 };
  for (let thread = 0; thread < workers; thread++) {
    // What fails here fails again with the first batch, whose error is thrown.
    pool.run(nothing).catch(() => {});
  }
  return {
    name: "relu-segments",
    simd: supportedSimd(),
    // One more than there are threads: none waits while the next batch is copied.
    parallel: workers + 1,
    curves: pointwise(line),
    async evaluate(batch, signal) {
      // The copies are transferred; the caller may use the batch's own arrays again at once.
      const x = batch.x.slice(0, batch.rows * line.centre[0]!.inputs);
      const y = batch.y.slice(0, batch.rows);
      return pool.run({ id, line: shared, x, y, rows: batch.rows }, signal, [x.buffer, y.buffer]);
    },
    dispose: () => pool.close(),
  };
}

/** The same layers with weights in memory that all threads share, so that tasks need not copy them. */
function inSharedMemory(network: DenseNetwork): DenseNetwork {
  const vectors = vectorsOf(network).map((vector) => {
    const shared = new Float32Array(new SharedArrayBuffer(vector.byteLength));
    shared.set(vector);
    return shared;
  });
  return withVectors(network, vectors);
}
