import { STREAMS } from "../../generate/index.js";
import { fillPermutation, streamRow } from "../permutation.js";
import { shuffleRows, type EpochPlan, type Piece, type PlanInput } from "../plan.js";

/** Rows of a window at the most: 2¹⁸. */
const WINDOW_ROWS = 2 ** 18;
/** Blocks that a window mixes, drawn from anywhere in the dataset. */
const WINDOW_BLOCKS = 256;

function rowsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.rows, 0);
}

/**
 * `window`: every shard is cut into blocks of consecutive rows, the blocks of the whole dataset are
 * permuted, and each 256 of them make a window whose rows are permuted in memory. The list of blocks
 * takes 4 bytes for each some 1000 rows.
 */
export function planWindow(input: PlanInput): EpochPlan {
  const { shards, features, seed, epoch } = input;
  const blockRows = Math.ceil(shuffleRows(shards, WINDOW_ROWS) / WINDOW_BLOCKS);
  // firstBlocks[s] is the number of shard s's first block.
  const firstBlocks = new Float64Array(shards.length + 1);
  for (const [index, shard] of shards.entries()) {
    firstBlocks[index + 1] = (firstBlocks[index] ?? 0) + Math.ceil(shard.rows / blockRows);
  }
  const blocks = firstBlocks[shards.length] ?? 0;
  const order = new Uint32Array(blocks);
  fillPermutation(order, blocks, seed, STREAMS.shuffleBlocks, streamRow(epoch, 0));

  const pieceOf = (block: number): Piece => {
    let low = 0;
    let high = shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((firstBlocks[middle] ?? 0) <= block) low = middle;
      else high = middle - 1;
    }
    const first = (block - (firstBlocks[low] ?? 0)) * blockRows;
    return { shard: low, first, rows: Math.min(blockRows, (shards[low]?.rows ?? 0) - first) };
  };
  const piecesOf = (chunk: number): Piece[] =>
    Array.from(order.subarray(chunk * WINDOW_BLOCKS, (chunk + 1) * WINDOW_BLOCKS), pieceOf);

  return {
    chunks: Math.ceil(blocks / WINDOW_BLOCKS),
    async prepare() {},
    chunkRows: (chunk) => rowsOf(piecesOf(chunk)),
    task(chunk) {
      const pieces = piecesOf(chunk);
      return {
        type: "read",
        shards: [...shards],
        pieces,
        rows: rowsOf(pieces),
        features,
        permute: { seed, stream: STREAMS.shuffleWithin, row: streamRow(epoch, chunk) },
      };
    },
    async release() {},
  };
}
