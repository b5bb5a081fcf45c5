import { setImmediate } from "node:timers/promises";
import { STREAMS } from "../../generate/index.js";
import { largestShard, lastStart, type EpochPlan, type PlanInput } from "../chunks/plan.js";
import type { RowRange } from "../chunks/tasks.js";
import { fillPermutation, streamRow } from "./permutation.js";

/** A window has a quarter of the largest shard's rows, but neither fewer nor more than these. */
const LEAST_WINDOW_ROWS = 2 ** 14;
const MOST_WINDOW_ROWS = 2 ** 18;
/** Blocks of a window, from anywhere in the dataset. */
const WINDOW_BLOCKS = 256;
/** Windows whose rows are counted between two yields to the event loop: about a millisecond. */
const WINDOWS_A_TURN = 256;

/**
 * `window`: every shard is cut into blocks of consecutive rows, the blocks of the whole dataset are
 * permuted, and every 256 of them make a window, whose rows are permuted in memory. The list of blocks
 * takes 4 bytes a block, which has some 1000 rows.
 */
export function planWindow(input: PlanInput): EpochPlan {
  const { shards, features, seed, epoch } = input;
  const blockRows = blockRowsOf(input);
  // firstBlocks[s] is the number of shard s's first block.
  const firstBlocks = new Float64Array(shards.length + 1);
  for (const [index, shard] of shards.entries()) {
    firstBlocks[index + 1] = firstBlocks[index]! + Math.ceil(shard.rows / blockRows);
  }
  const blocks = firstBlocks[shards.length]!;
  const windows = Math.ceil(blocks / WINDOW_BLOCKS);
  const order = new Uint32Array(blocks);
  const rows = new Uint32Array(windows);

  const rangeOf = (block: number): RowRange => {
    const shard = lastStart(firstBlocks, block);
    const first = (block - firstBlocks[shard]!) * blockRows;
    return { shard, first, rows: Math.min(blockRows, shards[shard]!.rows - first) };
  };
  const blocksOf = (window: number): Uint32Array =>
    order.subarray(window * WINDOW_BLOCKS, (window + 1) * WINDOW_BLOCKS);

  return {
    chunks: windows,
    heldBytes: 4 * (blocks + windows),
    async prepare() {
      fillPermutation(order, blocks, seed, STREAMS.shuffleBlocks, streamRow(epoch, 0));
      for (let window = 0; window < windows; window++) {
        rows[window] = blocksOf(window).reduce((sum, block) => sum + rangeOf(block).rows, 0);
        if ((window + 1) % WINDOWS_A_TURN === 0) await setImmediate();
      }
    },
    chunkRows: (window) => rows[window] ?? 0,
    task: (window) => ({
      type: "read",
      shards,
      ranges: Array.from(blocksOf(window), rangeOf),
      // Any shard may be next.
      ahead: [],
      rows: rows[window] ?? 0,
      features,
      permute: { seed, stream: STREAMS.shuffleWithin, row: streamRow(epoch, window) },
    }),
    async release() {},
  };
}

/** The rows of a block, but for the last one of a shard. They depend on the rows of the shards alone. */
function blockRowsOf({ shards }: PlanInput): number {
  const wanted = Math.ceil(largestShard(shards) / 4);
  const rows = Math.min(MOST_WINDOW_ROWS, Math.max(LEAST_WINDOW_ROWS, wanted));
  return Math.ceil(rows / WINDOW_BLOCKS);
}
