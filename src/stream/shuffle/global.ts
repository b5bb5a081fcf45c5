import { STREAMS } from "../../generate/index.js";
import { rowBytes } from "../../storage/index.js";
import { forEachLimited } from "../../common/worker-pool.js";
import type { Scratch } from "../chunk-task.js";
import { streamRow } from "../permutation.js";
import { piecesOf, shuffleRows, type EpochPlan, type PlanInput } from "../plan.js";
import { createScratchFile } from "../scratch.js";

/** Rows of a bucket on average, at the most: 2¹⁷. */
const BUCKET_ROWS = 2 ** 17;
/** Bytes that one deal task holds twice, at the most. */
const DEAL_BYTES = 48 * 1024 * 1024;
/** And at the least, however small the budget: the shorter the runs, the longer the lists of them. */
const LEAST_DEAL_BYTES = 4 * 1024 * 1024;

/**
 * `global`: an exact uniform permutation of all rows, out of core. Every row is dealt to one of 2^b
 * buckets at random, and each bucket is permuted in memory: their concatenation is a uniform
 * permutation (Rao 1961, Sandelius 1962). The dealt rows lie in shared memory where the dataset fits
 * half the budget, else in a scratch file; a run of rows is sorted by bucket before it is written, so
 * that both deals and collections are made of long reads and writes. A bucket's rows are in file
 * order before they are permuted, whatever the lengths of the runs, so the budget does not show.
 */
export function planGlobal(input: PlanInput): EpochPlan {
  const { shards, rows, features, seed, epoch, memory } = input;
  const bytes = rowBytes(features);
  const bits = Math.ceil(Math.log2(Math.max(1, rows / shuffleRows(shards, BUCKET_ROWS))));
  const buckets = 2 ** bits;
  const dealBytes = Math.max(
    bytes,
    LEAST_DEAL_BYTES,
    Math.min(DEAL_BYTES, Math.floor(memory / (4 * input.threads))),
  );
  // Few at a time where the budget does not hold one for every thread.
  const deals = Math.min(input.threads, Math.max(1, Math.floor(memory / (4 * dealBytes))));
  const runRows = Math.max(1, Math.min(rows, Math.floor(dealBytes / bytes)));
  const runs = Math.ceil(rows / runRows);
  const order = Uint32Array.from(shards.keys());
  // starts[run · (buckets + 1) + bucket]: where the bucket's rows start within the run.
  const starts = new Uint32Array(runs * (buckets + 1));
  const bucketRows = new Uint32Array(buckets);
  let scratch: Scratch | undefined;
  let free: (() => Promise<void>) | undefined;

  return {
    chunks: buckets,
    async prepare() {
      if (rows * bytes <= memory / 2) scratch = { shared: input.shared(rows * bytes) };
      else {
        const created = await createScratchFile(input.scratch, rows * bytes);
        scratch = { file: created.file };
        free = created.remove;
      }
      const target = scratch;
      await forEachLimited(Array.from({ length: runs }).keys(), deals, async (run) => {
        const firstRow = run * runRows;
        const length = Math.min(runRows, rows - firstRow);
        const counts = await input.run<Uint32Array>({
          type: "deal",
          shards: [...shards],
          pieces: piecesOf(shards, order, firstRow, length),
          firstRow,
          rows: length,
          features,
          seed,
          stream: STREAMS.shuffleDeal,
          epoch,
          bits,
          scratch: target,
        });
        let start = 0;
        for (let bucket = 0; bucket < buckets; bucket++) {
          starts[run * (buckets + 1) + bucket] = start;
          const count = counts[bucket] ?? 0;
          start += count;
          bucketRows[bucket] = (bucketRows[bucket] ?? 0) + count;
        }
        starts[run * (buckets + 1) + buckets] = start;
      });
    },
    chunkRows: (bucket) => bucketRows[bucket] ?? 0,
    task(bucket) {
      if (scratch === undefined) throw new Error("The deal comes before its buckets.");
      const pieces: { firstRow: number; rows: number }[] = [];
      for (let run = 0; run < runs; run++) {
        const from = starts[run * (buckets + 1) + bucket] ?? 0;
        const to = starts[run * (buckets + 1) + bucket + 1] ?? 0;
        if (to > from) pieces.push({ firstRow: run * runRows + from, rows: to - from });
      }
      return {
        type: "collect",
        scratch,
        runs: pieces,
        rows: bucketRows[bucket] ?? 0,
        features,
        permute: { seed, stream: STREAMS.shuffleWithin, row: streamRow(epoch, bucket) },
      };
    },
    async release() {
      scratch = undefined;
      await free?.();
      free = undefined;
    },
  };
}
