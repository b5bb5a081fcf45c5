import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { randomWords, STREAMS } from "../../../src/generate/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { fillPermutation, streamRow } from "../../../src/stream/shuffle/permutation.js";
import { inFolder } from "../../helpers/folder.js";
import { knowRows, orderOf, range } from "../rows.js";

/*
 * The orders computed again in a plain way, with whole numbers of any size and Philox's words from
 * another kernel, so that neither the algorithm nor its numbers change unseen.
 */

const GROUP = 16;

/** Words in the order in which the shuffles take them: the first words of four blocks, the second, … */
function wordsOf(seed: number, stream: number, row: number, count: number): number[] {
  const whole = Math.ceil(count / GROUP) * GROUP;
  const words = randomWords(seed, stream, row, whole);
  return range(count).map((at) => {
    const within = at % GROUP;
    return words[at - within + 4 * (within % 4) + Math.floor(within / 4)]!;
  });
}

/** Rows dealt by the top bits of a word each. */
function deal(rows: readonly number[], bits: number, words: readonly number[]): number[][] {
  const buckets: number[][] = Array.from({ length: 2 ** bits }, () => []);
  for (const [at, row] of rows.entries()) {
    buckets[Math.floor(words[at]! / 2 ** (32 - bits))]!.push(row);
  }
  return buckets;
}

/** A chunk's permutation: dealt to buckets of 8192 rows or so, each permuted by Fisher and Yates. */
function permuted(rows: readonly number[], seed: number, row: number): number[] {
  const bits = Math.ceil(Math.log2(Math.max(1, rows.length / 8192)));
  const words = wordsOf(seed, STREAMS.shuffleWithin, row, 3 * rows.length + 64 * 2 ** bits);
  let used = Math.ceil(rows.length / GROUP) * GROUP;
  return deal(rows, bits, words).flatMap((bucket) => {
    for (let last = bucket.length - 1; last > 0; last--) {
      const choices = BigInt(last + 1);
      let product: bigint;
      do product = BigInt(words[used++]!) * choices;
      while (product % 2n ** 32n < 2n ** 32n % choices);
      const chosen = Number(product / 2n ** 32n);
      [bucket[chosen], bucket[last]] = [bucket[last]!, bucket[chosen]!];
    }
    // What is left of a group is not used.
    used = Math.ceil(used / GROUP) * GROUP;
    return bucket;
  });
}

test(
  "global: the order is that of its definition",
  inFolder(async (folder) => {
    const [rows, seed, epoch] = [40_000, 2 ** 40 + 7, 3];
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows, features: 3, shardRows: 9000 });
    const known = await knowRows(out, 3);
    const order = await orderOf(await openDataset(out), known, {
      batchSize: 1000,
      shuffle: "global",
      seed,
      epoch,
    });
    // Buckets have at least 8192 rows on average, but for rounding up to a power of two: 8 of them.
    const words = wordsOf(seed, STREAMS.shuffleBuckets, epoch, rows);
    const buckets = deal(range(rows), 3, words);
    const expected = buckets.flatMap((bucket, at) => permuted(bucket, seed, streamRow(epoch, at)));
    assert.equal(order.flat(), expected);
  }),
);

test(
  "window: 256 blocks, from anywhere, permuted together",
  inFolder(async (folder) => {
    const [rows, seed, epoch] = [50_000, 5, 2];
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows, features: 5, shardRows: 20_000 });
    const known = await knowRows(out, 5);
    const order = (
      await orderOf(await openDataset(out), known, {
        batchSize: 5000,
        shuffle: "window",
        seed,
        epoch,
      })
    ).flat();
    // A window has at least 2¹⁴ rows, so a block has 64 of a shard's.
    const blocks = [0, 20_000, 40_000].flatMap((first) => {
      const shardRows = Math.min(20_000, rows - first);
      return range(Math.ceil(shardRows / 64)).map((block) =>
        range(Math.min(64, shardRows - 64 * block)).map((row) => first + 64 * block + row),
      );
    });
    const places = new Uint32Array(blocks.length);
    const row = streamRow(epoch, 0);
    fillPermutation(places, places.length, seed, STREAMS.shuffleBlocks, row);
    const windows = range(Math.ceil(blocks.length / 256)).map((window) =>
      [...places.subarray(256 * window, 256 * (window + 1))].flatMap((block) => blocks[block]!),
    );
    assert.equal(
      order,
      windows.flatMap((window, at) => permuted(window, seed, streamRow(epoch, at))),
    );
  }),
);

test(
  "buffer: blocks sorted by keys near the place of their shard, permuted together",
  inFolder(async (folder) => {
    const [rows, seed, epoch] = [50_000, 5, 2];
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows, features: 5, shardRows: 8000 });
    const known = await knowRows(out, 5);
    for (const bufferShards of [3, 4]) {
      const options = { batchSize: 5000, shuffle: "buffer", bufferShards, seed, epoch } as const;
      const order = (await orderOf(await openDataset(out), known, options)).flat();
      const shards = new Uint32Array(7);
      fillPermutation(shards, 7, seed, STREAMS.shuffleShards, streamRow(epoch, 0));
      const blocks = [...shards].flatMap((shard, place) => {
        const first = 8000 * shard;
        const count = Math.ceil(Math.min(8000, rows - first) / 64);
        const words = randomWords(seed, STREAMS.shuffleBlocks, streamRow(epoch, place), count);
        const low = Math.max(0, place - bufferShards / 2);
        const high = Math.min(7, place + bufferShards / 2);
        return range(count).map((block) => ({
          key: low + ((high - low) * words[block]!) / 2 ** 32,
          rows: range(Math.min(64, Math.min(8000, rows - first) - 64 * block)).map(
            (row) => first + 64 * block + row,
          ),
        }));
      });
      const chunks = range(8).flatMap((stage) => {
        const begin = bufferShards === 3 ? stage - 0.5 : stage;
        const inside = blocks
          .filter(({ key }) => key >= begin && key < begin + 1)
          .toSorted((a, b) => a.key - b.key);
        // A stage has about 125 blocks, fewer than a chunk may have.
        return inside.length === 0 ? [] : [inside.flatMap((block) => block.rows)];
      });
      assert.equal(
        order,
        chunks.flatMap((chunk, at) => permuted(chunk, seed, streamRow(epoch, at))),
      );
    }
  }),
);

test.run();
