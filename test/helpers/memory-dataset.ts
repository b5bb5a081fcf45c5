import { interruption } from "../../src/common/errors.js";
import { batchStream } from "../../src/stream/batch-stream.js";
import type { Batch, BatchLoader, BatchOptions, Dataset } from "../../src/stream/index.js";

const unused = (): Promise<never> => Promise.reject(new Error("not part of this test"));

/** What a test may want to watch or change while batches are handed out. */
export interface MemoryDatasetHooks {
  /** Called before each batch; it may throw, as a disk may. */
  beforeBatch?(batch: { epoch: number; index: number }): void;
}

/**
 * A small dataset in memory behind the interface of the real ones: batches in file order, or for any
 * shuffle with each epoch's rows rotated by a number that depends on seed and epoch. Its arrays are
 * filled with NaN and used again, so that a consumer that keeps a recycled batch is found out.
 */
export function memoryDataset(
  x: Float32Array,
  y: Float32Array,
  hooks: MemoryDatasetHooks = {},
): Dataset {
  const rows = y.length;
  const features = x.length / rows;
  return {
    path: "/data/in memory",
    rows,
    features,
    featureNames: Array.from({ length: features }, (_, feature) => `x${feature}`),
    targetName: "y",
    columnTypes: Array.from({ length: features + 1 }, () => "float32" as const),
    origin: { source: "memory" },
    warnings: [],
    format: "arrow",
    fingerprint: "a".repeat(64),
    manifest: {
      formatVersion: 1,
      kind: "lsm",
      rows,
      features,
      noise: 0,
      seed: 0,
      format: "arrow",
      shards: [],
      truth: { w: [] },
      generator: { name: "test", version: "0" },
    },
    head: unused,
    float64Rows() {
      throw new Error("not for training");
    },
    sourceColumns() {
      throw new Error("not for training");
    },
    records() {
      throw new Error("not for training");
    },
    toArrow() {
      throw new Error("not for training");
    },
    tfData() {
      throw new Error("not for training");
    },
    statistics: unused,
    split: unused,
    verify: unused,
    batches(options: BatchOptions) {
      const { batchSize, shuffle = "none", seed = 42, epochs = 1, dropLast, signal } = options;
      const batchesPerEpoch = dropLast ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
      const order = {
        formatVersion: 1,
        fingerprint: "a".repeat(64),
        columns: "b".repeat(64),
        seed,
        shuffle,
        batchSize,
        dropLast: dropLast ?? false,
      } as const;
      let position = { epoch: options.from?.epoch ?? 0, index: options.from?.index ?? 0 };
      async function* iterate(skipped: number): AsyncGenerator<Batch> {
        const start = position.epoch * batchesPerEpoch + position.index + skipped;
        position = {
          epoch: Math.floor(start / batchesPerEpoch),
          index: start % batchesPerEpoch,
        };
        const xs = new Float32Array(batchSize * features);
        const ys = new Float32Array(batchSize);
        for (let epoch = position.epoch; epoch < epochs; epoch++) {
          const turn = shuffle === "none" ? 0 : (seed * 7919 + epoch * 104729) % rows;
          for (let index = position.index; index < batchesPerEpoch; index++) {
            await Promise.resolve();
            if (signal?.aborted) throw interruption();
            hooks.beforeBatch?.({ epoch, index });
            const first = index * batchSize;
            const count = Math.min(rows, first + batchSize) - first;
            xs.fill(NaN);
            ys.fill(NaN);
            for (let at = 0; at < count; at++) {
              const row = (first + at + turn) % rows;
              xs.set(x.subarray(row * features, (row + 1) * features), at * features);
              ys[at] = y[row]!;
            }
            const last = index === batchesPerEpoch - 1;
            position = last ? { epoch: epoch + 1, index: 0 } : { epoch, index: index + 1 };
            yield {
              x: xs.subarray(0, count * features),
              y: ys.subarray(0, count),
              rows: count,
              epoch,
              index,
            };
          }
        }
      }
      const loaderAfter = (skipped: number): BatchLoader => ({
        batchesPerEpoch,
        state: () => ({ ...order, ...position }),
        waitedSeconds: () => 0.25,
        ...batchStream(() => iterate(skipped)),
        skip: (count) => loaderAfter(skipped + count),
      });
      return loaderAfter(0);
    },
  };
}

/** A linear dataset: X ~ N(0,1) from a small generator of its own, y = Xw + noise·N(0,1). */
export function linearData(
  rows: number,
  w: readonly number[],
  noise: number,
): { x: Float32Array; y: Float32Array } {
  const normal = normals(12345);
  const x = Float32Array.from({ length: rows * w.length }, normal);
  const y = Float32Array.from({ length: rows }, (_, row) =>
    w.reduce((sum, weight, at) => sum + weight * x[row * w.length + at]!, noise * normal()),
  );
  return { x, y };
}

/** Standard normals by Box and Muller from a Lehmer generator (Park and Miller 1988): enough for tests. */
export function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
