import { setImmediate } from "node:timers/promises";
import { STREAMS } from "../../generate/index.js";
import { fillPermutation, streamRow } from "./permutation.js";
import type { Piece } from "../chunks/types.js";
import { largestShard, placeIn, type EpochPlan, type PlanInput } from "../chunks/plan.js";

/** Rows of a window: a quarter of the largest shard's, but neither less nor more than these. */
const LEAST_WINDOW_ROWS = 2 ** 14;
const MOST_WINDOW_ROWS = 2 ** 18;
/** Blocks that a window mixes, drawn from anywhere in the dataset. */
const WINDOW_BLOCKS = 256;
/** Windows that are counted before others get their turn on the event loop: a millisecond or so. */
const WINDOWS_A_TURN = 256;

/** Rows of a block, of which 256 make a window. */
function blockRowsOf(input: PlanInput): number {
  const wanted = Math.ceil(largestShard(input.shards) / 4);
  const rows = Math.min(MOST_WINDOW_ROWS, Math.max(LEAST_WINDOW_ROWS, wanted));
  return Math.ceil(rows / WINDOW_BLOCKS);
}

/**
 * `window`: every shard is cut into blocks of consecutive rows, the blocks of the whole dataset are
 * permuted, and each 256 of them make a window whose rows are permuted in memory. The list of blocks
 * takes 4 bytes for each some 1000 rows.
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
  const chunks = Math.ceil(blocks / WINDOW_BLOCKS);
  const order = new Uint32Array(blocks);
  const rows = new Uint32Array(chunks);

  const pieceOf = (block: number): Piece => {
    const shard = placeIn(firstBlocks, block);
    const first = (block - firstBlocks[shard]!) * blockRows;
    return { shard, first, rows: Math.min(blockRows, shards[shard]!.rows - first) };
  };
  const blocksOf = (chunk: number): Uint32Array =>
    order.subarray(chunk * WINDOW_BLOCKS, (chunk + 1) * WINDOW_BLOCKS);

  return {
    chunks,
    heldBytes: 4 * (blocks + chunks),
    async prepare() {
      fillPermutation(order, blocks, seed, STREAMS.shuffleBlocks, streamRow(epoch, 0));
      for (let chunk = 0; chunk < chunks; chunk++) {
        rows[chunk] = blocksOf(chunk).reduce((sum, block) => sum + pieceOf(block).rows, 0);
        if ((chunk + 1) % WINDOWS_A_TURN === 0) await setImmediate();
      }
    },
    chunkRows: (chunk) => rows[chunk] ?? 0,
    task: (chunk) => ({
      type: "read",
      shards,
      pieces: Array.from(blocksOf(chunk), pieceOf),
      rows: rows[chunk] ?? 0,
      features,
      permute: { seed, stream: STREAMS.shuffleWithin, row: streamRow(epoch, chunk) },
    }),
    async release() {},
  };
}
