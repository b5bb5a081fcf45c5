import { batchStream } from "../../src/stream/batch-stream.js";
import type { Batch, BatchLoader, BatchOptions, Dataset } from "../../src/stream/index.js";

const unused = (): Promise<never> => Promise.reject(new Error("not part of this test"));

/** A dataset in memory that hands out batches in file order, in arrays that it uses again. */
export function memoryDataset(
  x: Float32Array,
  y: Float32Array,
  fingerprint: string = "a".repeat(64),
): Dataset {
  const rows = y.length;
  const features = x.length / rows;
  return {
    path: "/data/in-memory",
    rows,
    features,
    featureNames: Array.from({ length: features }, (_, feature) => `x${feature}`),
    targetName: "y",
    origin: { source: "memory" },
    warnings: [],
    format: "arrow",
    fingerprint,
    get manifest(): never {
      throw new Error("not part of this test");
    },
    head: unused,
    statistics: unused,
    split: unused,
    verify: unused,
    batches({ batchSize, shuffle, recycle, signal }: BatchOptions) {
      if (shuffle !== "none" || !recycle) throw new Error("slices go through the file in order");
      const batchesPerEpoch = Math.ceil(rows / batchSize);
      async function* iterate(from: number): AsyncGenerator<Batch> {
        const xs = new Float32Array(Math.min(rows, batchSize) * features);
        const ys = new Float32Array(Math.min(rows, batchSize));
        for (let index = from; index < batchesPerEpoch; index++) {
          const first = index * batchSize;
          const last = Math.min(rows, first + batchSize);
          await Promise.resolve();
          signal?.throwIfAborted();
          xs.fill(NaN).set(x.subarray(first * features, last * features));
          ys.fill(NaN).set(y.subarray(first, last));
          const count = last - first;
          yield {
            x: xs.subarray(0, count * features),
            y: ys.subarray(0, count),
            rows: count,
            epoch: 0,
            index,
          };
        }
      }
      const loaderFrom = (from: number): BatchLoader => ({
        batchesPerEpoch,
        state: () => {
          throw new Error("not part of this test");
        },
        waitedSeconds: () => 0,
        ...batchStream(() => iterate(from)),
        skip: (count) => loaderFrom(from + count),
      });
      return loaderFrom(0);
    },
  };
}
