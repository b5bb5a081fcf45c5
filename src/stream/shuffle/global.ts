import { forEachLimited } from "../../common/worker-pool.js";
import { STREAMS } from "../../generate/index.js";
import { rowBytes } from "../../storage/index.js";
import { GROUP_WORDS } from "../chunks/kernel.js";
import { fileOrder, largestShard, type EpochPlan, type PlanInput } from "../chunks/plan.js";
import { createScratchFile } from "../chunks/scratch.js";
import type { Scratch, ScratchRange } from "../chunks/tasks.js";
import { streamRow } from "./permutation.js";

/** A bucket has about a 64th of the rows, but neither fewer nor more than these. */
const BUCKETS = 64;
const LEAST_BUCKET_ROWS = 2 ** 13;
const MOST_BUCKET_ROWS = 2 ** 17;
/** A bucket's number has 16 bits. */
const MOST_BITS = 16;
/** Rows of a portion for each bucket on average, at least: a bucket is then collected from few ranges. */
const ROWS_A_BUCKET = 256;
/** Rows of a portion in shared memory, at least: they fit a core's cache, or nearly. */
const SHARED_PORTION_ROWS = 2 ** 15;
/** Bytes of a portion that is written to a file: long writes, and long ranges to read. */
const LEAST_FILE_PORTION = 4 * 1024 * 1024;
const MOST_FILE_PORTION = 48 * 1024 * 1024;
/** The largest SharedArrayBuffer that Node makes. */
const MOST_SHARED = 8 * 1024 ** 3;

/**
 * `global`: an exact uniform permutation of all rows, out of core. Every row is scattered to one of 2^b
 * buckets at random, and each bucket is permuted in memory: the buckets one after the other are a
 * uniform permutation (Rao 1961, Sandelius 1962). The scattered rows lie in shared memory where the
 * budget holds them, else in a scratch file. Threads scatter a portion of the rows at a time, sorted by
 * bucket, so that all reads and writes are long. A bucket's rows are in file order before they are
 * permuted, whatever the size of the portions, so the budget does not change the order.
 */
export function planGlobal(input: PlanInput): EpochPlan {
  const { rows, features, seed, epoch } = input;
  const layout = layoutOf(input);
  const { buckets, portions, portionRows, isShared } = layout;
  // starts[portion · (buckets + 1) + bucket]: where the bucket's rows start within the portion.
  const starts = new Uint32Array(portions * (buckets + 1));
  const bucketRows = new Uint32Array(buckets);
  let scratch: Scratch | undefined;
  let removeFile: (() => Promise<void>) | undefined;

  return {
    chunks: buckets,
    heldBytes: starts.byteLength + (isShared ? rows * rowBytes(features) : 0),
    exclusive: true,
    async prepare() {
      const bytes = rows * rowBytes(features);
      if (isShared) scratch = { shared: input.shared(bytes) };
      else {
        const { file, remove } = await createScratchFile(input.scratch, bytes);
        scratch = { file };
        removeFile = remove;
      }
      await scatter(input, layout, scratch, starts, bucketRows);
    },
    chunkRows: (bucket) => bucketRows[bucket] ?? 0,
    task(bucket) {
      if (scratch === undefined) throw new Error("The plan has not been prepared.");
      const ranges: ScratchRange[] = [];
      for (let portion = 0; portion < portions; portion++) {
        const from = starts[portion * (buckets + 1) + bucket]!;
        const to = starts[portion * (buckets + 1) + bucket + 1]!;
        if (to > from) ranges.push({ firstRow: portion * portionRows + from, rows: to - from });
      }
      return {
        type: "collect",
        scratch,
        ranges,
        rows: bucketRows[bucket] ?? 0,
        features,
        permute: { seed, stream: STREAMS.shuffleWithin, row: streamRow(epoch, bucket) },
      };
    },
    async release() {
      scratch = undefined;
      await removeFile?.();
      removeFile = undefined;
    },
  };
}

/** How the rows are scattered. */
interface Layout {
  /** There are 2^bits buckets. */
  bits: number;
  buckets: number;
  /** Whether the scattered rows lie in shared memory rather than in a file. */
  isShared: boolean;
  /** How many portions there are, and the rows of all but the last: a multiple of 16. */
  portions: number;
  portionRows: number;
  /** Portions that are scattered at once. */
  parallel: number;
}

function layoutOf(input: PlanInput): Layout {
  const { rows, features, memory, threads } = input;
  const bytes = rowBytes(features);
  const bits = bucketBits(input);
  const buckets = 2 ** bits;
  // Besides the scattered rows, two buckets are worked on, each before and after its permutation.
  const left = memory - 4 * Math.ceil(rows / buckets) * bytes;
  const isShared = rows * bytes <= Math.min(MOST_SHARED, left);
  const { portionRows, parallel } = isShared
    ? { portionRows: Math.max(SHARED_PORTION_ROWS, ROWS_A_BUCKET * buckets), parallel: threads }
    : filePortions(bytes, memory, threads);
  return {
    bits,
    buckets,
    isShared,
    portions: Math.ceil(rows / portionRows),
    portionRows,
    parallel,
  };
}

/** The number of buckets is 2^bits. It depends on the rows of the shards alone. */
function bucketBits({ shards, rows }: PlanInput): number {
  const wanted = Math.min(rows / BUCKETS, largestShard(shards) / 4, MOST_BUCKET_ROWS);
  const bits = Math.ceil(Math.log2(rows / Math.max(LEAST_BUCKET_ROWS, wanted)));
  return Math.min(MOST_BITS, Math.max(0, bits));
}

/** Portions for a file: fewer at once than there are threads where the budget does not hold one a thread. */
function filePortions(
  bytes: number,
  memory: number,
  threads: number,
): { portionRows: number; parallel: number } {
  const share = Math.min(MOST_FILE_PORTION, Math.floor(memory / (2 * threads)));
  const length = Math.max(bytes, LEAST_FILE_PORTION, share);
  const groups = Math.max(1, Math.floor(length / bytes / GROUP_WORDS));
  return {
    portionRows: groups * GROUP_WORDS,
    parallel: Math.min(threads, Math.max(1, Math.floor(memory / (2 * length)))),
  };
}

/** Scatters all rows to the scratch, and notes where each portion's buckets start. */
async function scatter(
  input: PlanInput,
  { bits, buckets, portions, portionRows, parallel }: Layout,
  scratch: Scratch,
  starts: Uint32Array,
  bucketRows: Uint32Array,
): Promise<void> {
  const { shards, rows, features, seed, epoch } = input;
  const rangesOf = fileOrder(shards);
  await forEachLimited(numbers(portions), parallel, async (portion) => {
    const firstRow = portion * portionRows;
    const length = Math.min(portionRows, rows - firstRow);
    const group = firstRow / GROUP_WORDS;
    const counts = await input.run({
      type: "scatter",
      shards,
      ranges: rangesOf(firstRow, length),
      firstRow,
      rows: length,
      features,
      random: { seed, stream: STREAMS.shuffleBuckets, row: epoch, group },
      bits,
      scratch,
    });
    let start = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      starts[portion * (buckets + 1) + bucket] = start;
      const count = counts[bucket] ?? 0;
      start += count;
      bucketRows[bucket] = bucketRows[bucket]! + count;
    }
    starts[portion * (buckets + 1) + buckets] = start;
  });
}

function* numbers(count: number): Generator<number, void, void> {
  for (let number = 0; number < count; number++) yield number;
}
