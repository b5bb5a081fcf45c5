import { largestShard, lastStart, type PlanInput } from "../chunks/plan.js";
import type { RowRange } from "../chunks/tasks.js";

/** A chunk has a quarter of the largest shard's rows, but neither fewer nor more than these. */
const LEAST_CHUNK_ROWS = 2 ** 14;
const MOST_CHUNK_ROWS = 2 ** 18;
/** The blocks of a chunk. */
export const CHUNK_BLOCKS = 256;

/** Blocks of consecutive rows. */
export interface Blocks {
  /** How many there are; they are numbered shard after shard. */
  blocks: number;
  /** firstBlocks[s] is the number of shard s's first block; one more at the end. */
  firstBlocks: Float64Array;
  rangeOf(block: number): RowRange;
}

/** Cuts every shard into blocks. Their length depends on the rows of the shards alone. */
export function cutIntoBlocks(shards: PlanInput["shards"]): Blocks {
  const wanted = Math.ceil(largestShard(shards) / 4);
  const chunkRows = Math.min(MOST_CHUNK_ROWS, Math.max(LEAST_CHUNK_ROWS, wanted));
  const blockRows = Math.ceil(chunkRows / CHUNK_BLOCKS);
  const firstBlocks = new Float64Array(shards.length + 1);
  for (const [index, shard] of shards.entries()) {
    firstBlocks[index + 1] = firstBlocks[index]! + Math.ceil(shard.rows / blockRows);
  }
  return {
    blocks: firstBlocks[shards.length]!,
    firstBlocks,
    rangeOf(block) {
      const shard = lastStart(firstBlocks, block);
      const first = (block - firstBlocks[shard]!) * blockRows;
      return { shard, first, rows: Math.min(blockRows, shards[shard]!.rows - first) };
    },
  };
}
