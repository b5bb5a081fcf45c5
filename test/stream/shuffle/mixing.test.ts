import { existsSync } from "node:fs";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset, SHUFFLE_MODES, type Dataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { namesIn, sha256 } from "../../storage/folders.js";
import { knowRows, orderOf, range, sorted, type KnownRows } from "../rows.js";

const ROWS = 11_000;
const FEATURES = 3;
const SHARD_ROWS = 3000;

/** The same rows in every format, in a folder that all tests share. */
const datasets: { name: string; dataset: Dataset }[] = [];
let known: KnownRows;
let remove: () => void = () => {};
let shared = "";

test.before(async () => {
  await new Promise<void>((ready, failed) => {
    inFolder(async (folder) => {
      shared = folder;
      for (const [format, compression] of [
        ["arrow", "none"],
        ["parquet", "none"],
        ["parquet", "snappy"],
      ] as const) {
        const out = path.join(folder, `${format}-${compression}`);
        const spec = {
          kind: "lsm",
          rows: ROWS,
          features: FEATURES,
          shardRows: SHARD_ROWS,
        } as const;
        await writeDataset({ ...spec, out, format, compression });
        datasets.push({ name: `${format} ${compression}`, dataset: await openDataset(out) });
      }
      known = await knowRows(path.join(folder, "arrow-none"), FEATURES);
      await new Promise<void>((done) => {
        remove = done;
        ready();
      });
    })().catch(failed);
  });
});

test.after(() => {
  remove();
});

const arrow = (): Dataset => datasets[0]!.dataset;

for (const shuffle of SHUFFLE_MODES) {
  test(`${shuffle}: every row once an epoch, in batches of the asked size`, async () => {
    const order = await orderOf(arrow(), known, { batchSize: 1000, shuffle, epochs: 2 });
    assert.is(order.length, 22);
    assert.ok(order.every((batch) => batch.length === 1000));
    const [first, second] = [order.slice(0, 11).flat(), order.slice(11).flat()];
    assert.equal(sorted(first), range(ROWS));
    assert.equal(sorted(second), range(ROWS));
    if (shuffle === "none") {
      assert.equal(first, range(ROWS));
      assert.equal(second, first);
    } else assert.not.equal(second, first);
  });

  test(`${shuffle}: the same order in every format`, async () => {
    const hashes = new Set<string>();
    for (const { dataset } of datasets) {
      const parts: Float32Array[] = [];
      for await (const { x, y } of dataset.batches({ batchSize: 900, shuffle, seed: 9 })) {
        parts.push(x, y);
      }
      hashes.add(sha256(...parts));
    }
    assert.is(hashes.size, 1);
  });

  test(`${shuffle}: the order does not depend on the budget, the batch size or how it is kept`, async () => {
    const expected = (await orderOf(arrow(), known, { batchSize: 500, shuffle })).flat();
    const scratch = path.join(shared, "scratch");
    for (const [memory, batchSize] of [
      [1, 500],
      [100_000, 7],
      [2 ** 20, 4001],
      [2 ** 30, ROWS],
      [2 ** 20, 10 * ROWS],
    ] as const) {
      const options = { batchSize, shuffle, memory, scratch };
      assert.equal((await orderOf(arrow(), known, options)).flat(), expected, `${memory}`);
      if (shuffle === "global") assert.equal(await namesIn(scratch), []);
    }
  });

  test(`${shuffle}: an epoch's order is the same alone and among others`, async () => {
    const options = { batchSize: 3000, shuffle, seed: 4 };
    const together = await orderOf(arrow(), known, { ...options, epochs: 3 });
    for (const epoch of [0, 1, 2]) {
      const alone = await orderOf(arrow(), known, { ...options, epoch });
      assert.equal(alone, together.slice(epoch * 4, epoch * 4 + 4));
    }
    const late = await orderOf(arrow(), known, { ...options, epoch: 2 ** 21 - 1 });
    assert.equal(sorted(late.flat()), range(ROWS));
  });

  test(`${shuffle}: batches say their epoch and number`, async () => {
    const seen: number[][] = [];
    const options = { batchSize: 4000, shuffle, epoch: 5, epochs: 2 };
    for await (const { epoch, index, rows } of arrow().batches(options)) {
      seen.push([epoch, index, rows]);
    }
    assert.equal(seen, [
      [5, 0, 4000],
      [5, 1, 4000],
      [5, 2, 3000],
      [6, 0, 4000],
      [6, 1, 4000],
      [6, 2, 3000],
    ]);
  });

  if (shuffle === "none") continue;
  test(`${shuffle}: the same seed gives the same order, other seeds others`, async () => {
    const options = { batchSize: 2000, shuffle };
    const first = await orderOf(arrow(), known, { ...options, seed: 1 });
    assert.equal(await orderOf(arrow(), known, { ...options, seed: 1 }), first);
    // There are only 24 orders of four shards: these seeds differ in them.
    for (const seed of [2, 3, 1 + 2 ** 32]) {
      assert.not.equal(await orderOf(arrow(), known, { ...options, seed }), first);
    }
  });
}

test("shards: the rows of a shard stay together, in file order", async () => {
  const order = (await orderOf(arrow(), known, { batchSize: ROWS, shuffle: "shards" })).flat();
  const starts = [];
  for (let at = 0; at < ROWS;) {
    const first = order[at]!;
    assert.is(first % SHARD_ROWS, 0);
    const length = Math.min(SHARD_ROWS, ROWS - first);
    assert.equal(
      order.slice(at, at + length),
      range(length).map((row) => first + row),
    );
    starts.push(first);
    at += length;
  }
  assert.equal(sorted(starts), [0, 3000, 6000, 9000]);
});

test(
  "global: many runs of rows through a scratch file give the order that memory gives",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 300_000, features: 10, shardRows: 70_000 });
    const dataset = await openDataset(out);
    const scratch = path.join(folder, "scratch");
    const hashes = new Set<string>();
    for (const memory of [1, 2 ** 30]) {
      const parts: Float32Array[] = [];
      const options = { batchSize: 7000, shuffle: "global", memory, scratch } as const;
      let isOnDisk = false;
      for await (const { x, y } of dataset.batches(options)) {
        parts.push(x, y);
        isOnDisk ||= existsSync(scratch) && (await namesIn(scratch)).length > 0;
      }
      assert.is(isOnDisk, memory === 1);
      hashes.add(sha256(...parts));
      // The rows are those of the dataset: their sums agree in any order.
      const sum = parts.reduce((total, part) => part.reduce((a, b) => a + b, total), 0);
      const { features, target } = await dataset.statistics();
      const expected = [...features, target].reduce((total, column) => total + column.mean, 0);
      assert.ok(Math.abs(sum / 300_000 - expected) < 1e-9);
    }
    assert.is(hashes.size, 1);
    assert.equal(await namesIn(scratch), []);
  }),
);

/**
 * Means of batches, against a perfect shuffle: with the row number as a value, the mean of a batch
 * of n of N rows has variance (N² − 1)/12 · (N − n)/(N − 1)/n. χ² over the batches, five sigmas.
 */
function batchMeansZ(order: readonly number[][]): number {
  const count = order[0]!.length;
  const variance = ((ROWS ** 2 - 1) / 12) * ((ROWS - count) / (ROWS - 1) / count);
  const statistic = order.reduce((sum, batch) => {
    const mean = batch.reduce((total, row) => total + row, 0) / count;
    return sum + (mean - (ROWS - 1) / 2) ** 2 / variance;
  }, 0);
  // The means have to sum up, so one degree of freedom less; the variance of χ² is twice its mean.
  const freedom = order.length - 1;
  return (statistic * ((order.length - 1) / order.length) - freedom) / Math.sqrt(2 * freedom);
}

test("global and window: batch means vary as much as those of a perfect shuffle", async () => {
  for (const shuffle of ["global", "window"] as const) {
    for (const seed of [1, 2, 3]) {
      const order = await orderOf(arrow(), known, { batchSize: 100, shuffle, seed });
      const z = batchMeansZ(order);
      assert.ok(Math.abs(z) < 5, `${shuffle}, seed ${seed}: z = ${z}`);
    }
  }
});

test("global: neighbours in the new order are strangers in the file", async () => {
  const order = (await orderOf(arrow(), known, { batchSize: ROWS, shuffle: "global" })).flat();
  // The serial correlation of a random permutation is about a normal of deviation 1/√N.
  const centre = (ROWS - 1) / 2;
  const variance = (ROWS ** 2 - 1) / 12;
  let sum = 0;
  for (let at = 1; at < ROWS; at++) sum += (order[at - 1]! - centre) * (order[at]! - centre);
  assert.ok(Math.abs(sum / variance / Math.sqrt(ROWS)) < 5);
});

test.run();
