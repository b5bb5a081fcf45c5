import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset, standardizationOf, type Batch } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects, readRows } from "../../storage/folders.js";

async function onlyBatch(batches: AsyncIterable<Batch>): Promise<Batch> {
  for await (const batch of batches) return batch;
  throw new Error("There is no batch.");
}

test(
  "batches are standardised in float64 and rounded once",
  inFolder(async (folder) => {
    for (const format of ["arrow", "parquet"] as const) {
      const out = path.join(folder, format);
      await writeDataset({ kind: "lsm", out, rows: 2000, features: 3, format, shardRows: 700 });
      const dataset = await openDataset(out);
      const standardize = standardizationOf(await dataset.statistics());
      const { x, y } = await readRows(out);
      const columns = [...standardize.features, standardize.target!];
      const scaled = (value: number, column: number): number =>
        Math.fround((value - columns[column]!.mean) / columns[column]!.scale);
      const batch = await onlyBatch(dataset.batches({ batchSize: 2000, standardize }));
      assert.equal(
        batch.x,
        x.map((value, index) => scaled(value, index % 3)),
      );
      assert.equal(
        batch.y,
        y.map((value) => scaled(value, 3)),
      );
      const kept = standardizationOf(await dataset.statistics(), { target: false });
      const other = await onlyBatch(dataset.batches({ batchSize: 2000, standardize: kept }));
      assert.equal(other.y, y);
      const shuffled = dataset.batches({ batchSize: 2000, standardize, shuffle: "global" });
      assert.equal((await onlyBatch(shuffled)).y.toSorted(), batch.y.toSorted());
      const [part] = await dataset.split([0.5]);
      const half = await onlyBatch(part!.batches({ batchSize: 2000, standardize }));
      const values = new Set(batch.y);
      assert.ok(half.y.every((value) => values.has(value)));
    }
  }),
);

test("a column of one value has scale 1", () => {
  const column = { count: 3, mean: 5, variance: 0, minimum: 5, maximum: 5 };
  const { features, target } = standardizationOf({
    rows: 3,
    features: [{ ...column, name: "a" }],
    target: { ...column, name: "y", variance: NaN },
  });
  assert.equal(features, [{ name: "a", mean: 5, scale: 1 }]);
  assert.equal(target, { name: "y", mean: 5, scale: 1 });
});

test(
  "a standardisation that does not fit the table is refused",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 10, features: 2 });
    const dataset = await openDataset(out);
    const fits = standardizationOf(await dataset.statistics());
    const refused = (standardize: typeof fits, pattern: RegExp) =>
      assert.throws(() => dataset.batches({ batchSize: 5, standardize }), pattern);
    refused({ ...fits, features: fits.features.slice(1) }, /has 1 features, but the table has 2/);
    refused({ ...fits, features: fits.features.toReversed() }, /'x1'/);
    for (const scale of [0, Infinity, NaN]) {
      refused({ ...fits, target: { name: "y", mean: 0, scale } }, /'y'/);
    }
  }),
);

test(
  "verify: a damaged shard ends the iteration before a row of it is seen, with any shuffle",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 4000, features: 3, shardRows: 1000 });
    const whole = await openDataset(out, { verify: true });
    let rows = 0;
    for await (const batch of whole.batches({ batchSize: 300, shuffle: "window" })) {
      rows += batch.rows;
    }
    assert.is(rows, 4000);
    // Some of its columns have the same checksums.
    const some = await openDataset(out, { features: ["x1"], verify: true });
    assert.is((await some.batches({ batchSize: 10 })[Symbol.asyncIterator]().next()).done, false);
    assert.ok((await some.verify()).ok);

    const file = path.join(out, "shard-00002.arrow");
    const bytes = await readFile(file);
    const middle = bytes.length >> 1;
    bytes[middle] = bytes[middle]! ^ 1;
    await writeFile(file, bytes);
    const damaged = await openDataset(out, { verify: true });
    const count = async (options: { verify?: boolean; shuffle: "none" | "window" | "global" }) => {
      let seen = 0;
      for await (const batch of damaged.batches({ batchSize: 100, ...options })) seen += batch.rows;
      return seen;
    };
    for (const shuffle of ["none", "window", "global"] as const) {
      await assertRejects(count({ shuffle }), "failed", /shard-00002\.arrow is damaged.*repair/);
      assert.is(await count({ shuffle, verify: false }), 4000);
    }
    const other = await openDataset(out, { features: ["x1"], verify: true });
    await assertRejects(
      (async () => {
        for await (const { rows: more } of other.batches({ batchSize: 500 })) rows += more;
      })(),
      "failed",
      /shard-00002\.arrow is damaged/,
    );
    const loader = damaged.batches({ batchSize: 500 });
    let seen = 0;
    await assertRejects(
      (async () => {
        for await (const batch of loader) seen += batch.rows;
      })(),
      "failed",
      /shard-00002/,
    );
    assert.ok(seen <= 2000, `${seen} rows were seen`);
  }),
);

test.run();
