import { assert, test } from "../../helpers/test.js";
import { STREAMS } from "../../../src/generate/index.js";
import { writeDataset } from "../../../src/storage/index.js";
import { fillPermutation, streamRow } from "../../../src/stream/shuffle/permutation.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { chiSquareZ, knowRows, range, sorted } from "../rows.js";
import path from "node:path";

/*
 * Seeds are fixed, so nothing here can flake. Every statistic may be at most 4.5 standard deviations
 * above its mean, which perfect shuffling exceeds once in 300 000; some twenty are looked at.
 */
const LARGEST_Z = 4.5;

function assertUniform(counts: readonly number[], what: string): void {
  const z = chiSquareZ(counts);
  assert.ok(z < LARGEST_Z, `${what}: z = ${z}`);
  // Too even is not random either.
  assert.ok(z > -LARGEST_Z, `${what}: z = ${z}`);
}

/** The number of an order among all orders of so many rows (Lehmer's code). */
function orderNumber(order: readonly number[]): number {
  return order.reduce(
    (code, value, at) =>
      code * (order.length - at) + order.slice(at + 1).filter((later) => later < value).length,
    0,
  );
}

function permutation(count: number, seed: number, row: number): number[] {
  const filled = new Uint32Array(count);
  fillPermutation(filled, count, seed, STREAMS.shuffleWithin, row);
  return [...filled];
}

test("every filling is a permutation, of no, one or many rows", () => {
  for (const count of [0, 1, 2, 3, 15, 16, 17, 1000, 16_383, 16_384, 16_385, 100_000]) {
    assert.equal(sorted(permutation(count, 3, 5)), range(count));
  }
});

test("places behind the filled ones are left alone", () => {
  const filled = new Uint32Array(10).fill(77);
  fillPermutation(filled, 6, 1, STREAMS.shuffleWithin, 0);
  assert.equal(sorted([...filled.subarray(0, 6)]), range(6));
  assert.equal([...filled.subarray(6)], [77, 77, 77, 77]);
});

test("the permutation depends on the seed, the stream and the row, and on nothing else", () => {
  const again = permutation(100, 1, 2);
  assert.equal(permutation(100, 1, 2), again);
  assert.not.equal(permutation(100, 2, 2), again);
  assert.not.equal(permutation(100, 1, 3), again);
  const other = new Uint32Array(100);
  fillPermutation(other, 100, 1, STREAMS.shuffleBlocks, 2);
  assert.not.equal([...other], again);
});

test("rows of the counter are others for every epoch and index", () => {
  const rows = [0, 1, 2 ** 21 - 1].flatMap((epoch) =>
    [0, 1, 2 ** 32 - 1].map((index) => streamRow(epoch, index)),
  );
  assert.is(new Set(rows).size, 9);
  assert.ok(rows.every((row) => Number.isSafeInteger(row)));
});

test("all 24 orders of four rows are equally frequent, over seeds and over rows of the counter", () => {
  for (const [what, make] of [
    ["seeds", (index: number) => permutation(4, index, 0)],
    ["rows", (index: number) => permutation(4, 0, index)],
  ] as const) {
    const counts = Array.from({ length: 24 }, () => 0);
    for (let index = 0; index < 24_000; index++) counts[orderNumber(make(index))]!++;
    assertUniform(counts, what);
  }
});

test("where a row ends up is uniform, and so is who follows whom", () => {
  const count = 10;
  const places = Array.from({ length: count * count }, () => 0);
  const followers = Array.from({ length: count * count }, () => 0);
  for (let seed = 0; seed < 20_000; seed++) {
    const order = permutation(count, seed, 1);
    for (let at = 0; at < count; at++) {
      places[at * count + order[at]!]!++;
      if (at > 0) followers[order[at - 1]! * count + order[at]!]!++;
    }
  }
  for (let at = 0; at < count; at++) {
    assertUniform(places.slice(at * count, (at + 1) * count), `place ${at}`);
    // No row follows itself.
    const row = followers.slice(at * count, (at + 1) * count);
    assert.is(row[at], 0);
    assertUniform(
      row.filter((_, other) => other !== at),
      `after row ${at}`,
    );
  }
});

for (const shuffle of ["window", "global"] as const) {
  test(
    `${shuffle}: all 24 orders of four rows are equally frequent, end to end`,
    inFolder(async (folder) => {
      for (const [index, shardRows] of [4, 3].entries()) {
        const out = path.join(folder, String(index));
        await writeDataset({ kind: "lsm", out, rows: 4, features: 1, shardRows });
        const known = await knowRows(out, 1);
        const dataset = await openDataset(out);
        const counts = Array.from({ length: 24 }, () => 0);
        const options = { batchSize: 4, shuffle, epochs: 2400 };
        for await (const batch of dataset.batches(options)) {
          counts[orderNumber(known.numbersOf(batch))]!++;
        }
        assertUniform(counts, `epochs, shards of ${shardRows} rows`);
      }
    }),
  );
}

test(
  "shards: all orders of four shards are equally frequent, end to end",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 4, features: 1, shardRows: 1 });
    const known = await knowRows(out, 1);
    const dataset = await openDataset(out);
    const counts = Array.from({ length: 24 }, () => 0);
    const options = { batchSize: 4, shuffle: "shards", epochs: 2400 } as const;
    for await (const batch of dataset.batches(options)) {
      counts[orderNumber(known.numbersOf(batch))]!++;
    }
    assertUniform(counts, "orders of shards");
  }),
);

test.run();
