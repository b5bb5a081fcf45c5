import { setImmediate } from "node:timers/promises";
import { STREAMS } from "../../generate/index.js";
import type { EpochPlan, PlanInput } from "../chunks/plan.js";
import { CHUNK_BLOCKS, cutIntoBlocks } from "./blocks.js";
import { fillPermutation, streamRow } from "./permutation.js";

/** Windows whose rows are counted between two yields to the event loop: about a millisecond. */
const WINDOWS_A_TURN = 256;

/**
 * `window`: every shard is cut into blocks of consecutive rows, the blocks of the whole dataset are
 * permuted, and every 256 of them make a window, whose rows are permuted in memory. The list of blocks
 * takes 4 bytes a block, which has some 1000 rows.
 */
export function planWindow(input: PlanInput): EpochPlan {
  const { shards, features, seed, epoch } = input;
  const { blocks, rangeOf } = cutIntoBlocks(shards);
  const windows = Math.ceil(blocks / CHUNK_BLOCKS);
  const order = new Uint32Array(blocks);
  const rows = new Uint32Array(windows);

  const blocksOf = (window: number): Uint32Array =>
    order.subarray(window * CHUNK_BLOCKS, (window + 1) * CHUNK_BLOCKS);

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
