import { setImmediate } from "node:timers/promises";
import { fillRandomWords, STREAMS } from "../../generate/index.js";
import type { EpochPlan, PlanInput } from "../chunks/plan.js";
import { SHARDS_AHEAD } from "../chunks/tasks.js";
import { CHUNK_BLOCKS, cutIntoBlocks } from "./blocks.js";
import { fillPermutation, streamRow } from "./permutation.js";

/** Blocks that are placed between two yields to the event loop: some milliseconds. */
const BLOCKS_A_TURN = 2 ** 15;

/**
 * `buffer`: the shards come in random order, and each is cut into blocks of consecutive rows. A block moves by up to
 * half the buffer's length from the place of its shard, to either side, and the rows of up to 256 neighbouring blocks
 * are permuted in memory. So a chunk reads from `bufferShards` shards at most, and each shard is needed over one
 * stretch of the epoch. The list of blocks takes 12 bytes a block, which has some 1000 rows.
 */
export function planBuffer(input: PlanInput): EpochPlan {
  const { shards, features, seed, epoch, bufferShards } = input;
  const { blocks, firstBlocks, rangeOf } = cutIntoBlocks(shards);
  const order = new Uint32Array(shards.length);
  /** The blocks in their order, and the key by which each is sorted. */
  const sorted = new Uint32Array(blocks);
  const keys = new Float64Array(blocks);
  /** chunks[c]: blocks before chunk c; one more at the end. */
  let chunks = new Float64Array(1);
  let rows = new Uint32Array(0);
  /** For odd lengths, the shards that can be needed change at the halves. */
  const shift = (bufferShards % 2) / 2;
  const stages = shards.length + 1;

  /** Gives each block its key: uniform over half a buffer to either side of the place of its shard. */
  async function fillKeys(): Promise<void> {
    let turn = 0;
    for (const [place, shard] of order.entries()) {
      const first = firstBlocks[shard]!;
      const words = new Uint32Array(firstBlocks[shard + 1]! - first);
      fillRandomWords(words, seed, STREAMS.shuffleBlocks, streamRow(epoch, place));
      const from = Math.max(0, place - bufferShards / 2);
      const to = Math.min(shards.length, place + bufferShards / 2);
      for (const [at, word] of words.entries()) {
        keys[first + at] = from + ((to - from) * word) / 2 ** 32;
      }
      turn += words.length;
      if (turn < BLOCKS_A_TURN) continue;
      turn = 0;
      await setImmediate();
    }
  }

  /** Sorts the blocks by their keys. Returns how many blocks come before each stage, which is as long as a shard. */
  async function sortBlocks(): Promise<Float64Array> {
    const starts = new Float64Array(stages + 1);
    for (const key of keys) starts[Math.floor(key + shift) + 1]!++;
    for (let stage = 0; stage < stages; stage++) starts[stage + 1]! += starts[stage]!;
    const next = starts.slice();
    for (let block = 0; block < blocks; block++) {
      sorted[next[Math.floor(keys[block]! + shift)]!++] = block;
    }
    let turn = 0;
    for (let stage = 0; stage < stages; stage++) {
      const part = sorted.subarray(starts[stage], starts[stage + 1]);
      part.sort((a, b) => keys[a]! - keys[b]! || a - b);
      turn += part.length;
      if (turn < BLOCKS_A_TURN) continue;
      turn = 0;
      await setImmediate();
    }
    return starts;
  }

  /** Cuts every stage into chunks of about the same number of blocks. */
  function cutChunks(starts: Float64Array): void {
    const ends: number[] = [];
    for (let stage = 0; stage < stages; stage++) {
      const [first, length] = [starts[stage]!, starts[stage + 1]! - starts[stage]!];
      const parts = Math.ceil(length / CHUNK_BLOCKS);
      for (let part = 1; part <= parts; part++) {
        ends.push(first + Math.floor((length * part) / parts));
      }
    }
    chunks = Float64Array.of(0, ...ends);
    rows = Uint32Array.from(ends, (_, chunk) =>
      blocksOf(chunk).reduce((sum, block) => sum + rangeOf(block).rows, 0),
    );
  }

  const blocksOf = (chunk: number): Uint32Array =>
    sorted.subarray(chunks[chunk], chunks[chunk + 1]);

  /** The shards that come into reach after a chunk. */
  function shardsAfter(chunk: number): number[] {
    const stage = Math.floor(keys[blocksOf(chunk)[0]!]! + shift);
    const next = stage + Math.floor(bufferShards / 2) + 1;
    return [...order.subarray(next, next + SHARDS_AHEAD)];
  }

  return {
    get chunks() {
      return rows.length;
    },
    heldBytes: 12 * blocks,
    async prepare() {
      const { shuffleShards } = STREAMS;
      fillPermutation(order, order.length, seed, shuffleShards, streamRow(epoch, 0));
      await fillKeys();
      cutChunks(await sortBlocks());
    },
    chunkRows: (chunk) => rows[chunk] ?? 0,
    task: (chunk) => ({
      type: "read",
      shards,
      ranges: Array.from(blocksOf(chunk), rangeOf),
      ahead: shardsAfter(chunk),
      rows: rows[chunk] ?? 0,
      features,
      permute: { seed, stream: STREAMS.shuffleWithin, row: streamRow(epoch, chunk) },
    }),
    async release() {},
  };
}
