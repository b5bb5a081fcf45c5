import { STREAMS } from "../../generate/index.js";
import { rowBytes } from "../../storage/index.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { GROUP_WORDS } from "../chunks/kernel.js";
import { streamRow } from "./permutation.js";
import { largestShard, pieceFinder, type EpochPlan, type PlanInput } from "../chunks/plan.js";
import { createScratchFile } from "../chunks/scratch.js";
import type { Run, Scratch } from "../chunks/types.js";

/** A bucket has about a 64th of the rows, but neither less nor more than these. */
const BUCKETS = 64;
const LEAST_BUCKET_ROWS = 2 ** 13;
const MOST_BUCKET_ROWS = 2 ** 17;
/** A bucket's number has 16 bits. */
const MOST_BITS = 16;
/** Rows that a run has on average for each bucket at the least: lists of runs are short so. */
const ROWS_A_BUCKET = 256;
/** Rows of a run in shared memory at the least: they fit a core's cache, or nearly. */
const SHARED_RUN_ROWS = 2 ** 15;
/** Bytes of a run on its way to a file: long writes, and long pieces to read. */
const LEAST_FILE_RUN = 4 * 1024 * 1024;
const MOST_FILE_RUN = 48 * 1024 * 1024;
/** The largest piece of shared memory that Node makes. */
const MOST_SHARED = 8 * 1024 ** 3;

/** How many buckets there are: 2^bits. It depends on the rows of the shards alone. */
function bucketBits({ shards, rows }: PlanInput): number {
  const wanted = Math.min(rows / BUCKETS, largestShard(shards) / 4, MOST_BUCKET_ROWS);
  const bits = Math.ceil(Math.log2(rows / Math.max(LEAST_BUCKET_ROWS, wanted)));
  return Math.min(MOST_BITS, Math.max(0, bits));
}

/**
 * `global`: an exact uniform permutation of all rows, out of core. Every row is dealt to one of 2^b
 * buckets at random, and each bucket is permuted in memory: their concatenation is a uniform
 * permutation (Rao 1961, Sandelius 1962). The dealt rows lie in shared memory where the budget holds
 * them, else in a scratch file; a run of rows is sorted by bucket before it is written, so that both
 * deals and collections are made of long reads and writes. A bucket's rows are in file order before
 * they are permuted, whatever the lengths of the runs, so the budget does not show.
 */
export function planGlobal(input: PlanInput): EpochPlan {
  const { shards, rows, features, seed, epoch, memory, threads } = input;
  const bytes = rowBytes(features);
  const bits = bucketBits(input);
  const buckets = 2 ** bits;
  // Two buckets at work besides what is dealt.
  const isShared =
    rows * bytes <= Math.min(MOST_SHARED, memory - 4 * Math.ceil(rows / buckets) * bytes);
  const { runRows, deals } = isShared
    ? { runRows: Math.max(SHARED_RUN_ROWS, ROWS_A_BUCKET * buckets), deals: threads }
    : fileRuns(bytes, memory, threads);
  const runs = Math.ceil(rows / runRows);
  const piecesOf = pieceFinder(shards, Uint32Array.from(shards.keys()));
  // starts[run · (buckets + 1) + bucket]: where the bucket's rows start within the run.
  const starts = new Uint32Array(runs * (buckets + 1));
  const bucketRows = new Uint32Array(buckets);
  let scratch: Scratch | undefined;
  let free: (() => Promise<void>) | undefined;

  return {
    chunks: buckets,
    heldBytes: starts.byteLength + (isShared ? rows * bytes : 0),
    async prepare() {
      if (isShared) scratch = { shared: input.shared(rows * bytes) };
      else {
        const created = await createScratchFile(input.scratch, rows * bytes);
        scratch = { file: created.file };
        free = created.remove;
      }
      const target = scratch;
      await forEachLimited(numbers(runs), deals, async (run) => {
        const firstRow = run * runRows;
        const length = Math.min(runRows, rows - firstRow);
        const group = firstRow / GROUP_WORDS;
        const counts = await input.run<Uint32Array>({
          type: "deal",
          shards,
          pieces: piecesOf(firstRow, length),
          firstRow,
          rows: length,
          features,
          random: { seed, stream: STREAMS.shuffleDeal, row: epoch, group },
          bits,
          scratch: target,
        });
        let start = 0;
        for (let bucket = 0; bucket < buckets; bucket++) {
          starts[run * (buckets + 1) + bucket] = start;
          const count = counts[bucket] ?? 0;
          start += count;
          bucketRows[bucket] = bucketRows[bucket]! + count;
        }
        starts[run * (buckets + 1) + buckets] = start;
      });
    },
    chunkRows: (bucket) => bucketRows[bucket] ?? 0,
    task(bucket) {
      if (scratch === undefined) throw new Error("The deal comes before its buckets.");
      const pieces: Run[] = [];
      for (let run = 0; run < runs; run++) {
        const from = starts[run * (buckets + 1) + bucket]!;
        const to = starts[run * (buckets + 1) + bucket + 1]!;
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

/** Rows of a run for a file, and how many are dealt at once: few where the budget does not hold one a thread. */
function fileRuns(
  bytes: number,
  memory: number,
  threads: number,
): { runRows: number; deals: number } {
  const share = Math.min(MOST_FILE_RUN, Math.floor(memory / (2 * threads)));
  const length = Math.max(bytes, LEAST_FILE_RUN, share);
  const groups = Math.max(1, Math.floor(length / bytes / GROUP_WORDS));
  return {
    runRows: groups * GROUP_WORDS,
    deals: Math.min(threads, Math.max(1, Math.floor(memory / (2 * length)))),
  };
}

function* numbers(count: number): Generator<number, void, void> {
  for (let number = 0; number < count; number++) yield number;
}
