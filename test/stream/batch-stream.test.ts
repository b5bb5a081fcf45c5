import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import { filterRows, openDataset, type Batch, type Dataset } from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";

async function toArray<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const array: Item[] = [];
  for await (const item of items) array.push(item);
  return array;
}

const isEven = ({ index }: Batch): boolean => index % 2 === 0;

function withDataset(run: (dataset: Dataset) => Promise<void>): () => Promise<void> {
  return inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 1050, features: 3, shardRows: 300 });
    await run(await openDataset(out));
  });
}

test(
  "map, filter, take and skip are what arrays make of all batches",
  withDataset(async (dataset) => {
    const options = { batchSize: 100, shuffle: "window", seed: 2 } as const;
    const all = await toArray(dataset.batches(options));
    assert.is(all.length, 11);
    const loader = () => dataset.batches(options);
    assert.equal(await toArray(loader().filter(isEven)), all.filter(isEven));
    assert.equal(
      await toArray(loader().map(({ index, rows }) => index * rows)),
      all.map(({ index, rows }) => index * rows),
    );
    assert.equal(
      await toArray(loader().map(async ({ y }) => y[0])),
      all.map(({ y }) => y[0]),
    );
    for (const count of [0, 1, 5, 11, 12]) {
      assert.equal(await toArray(loader().take(count)), all.slice(0, count), `take ${count}`);
      assert.equal(await toArray(loader().skip(count)), all.slice(count), `skip ${count}`);
      assert.equal(
        await toArray(
          loader()
            .map(({ index }) => index)
            .skip(count),
        ),
        all.slice(count).map(({ index }) => index),
      );
    }
    assert.equal(
      await toArray(
        loader()
          .skip(2)
          .filter(isEven)
          .map(({ index }) => index)
          .take(3),
      ),
      [2, 4, 6],
    );
  }),
);

test(
  "skipping goes on into the epochs that follow, and batches that are skipped are not read",
  withDataset(async (dataset) => {
    const options = { batchSize: 100, shuffle: "global", seed: 2, epochs: 3 } as const;
    const all = await toArray(dataset.batches(options));
    assert.equal(await toArray(dataset.batches(options).skip(24)), all.slice(24));
    assert.equal(dataset.batches(options).skip(24).skip(3).state().index, 5);
    assert.equal(await toArray(dataset.batches(options).skip(33)), []);
    assert.equal(dataset.batches(options).skip(24).state().epoch, 2);
  }),
);

test(
  "the loader's state counts what has passed through its derivations, and they end it",
  withDataset(async (dataset) => {
    const loader = dataset.batches({ batchSize: 100 });
    const taken = await toArray(loader.map(({ index }) => index).take(4));
    assert.equal(taken, [0, 1, 2, 3]);
    assert.is(loader.state().index, 4);
    const rest = await toArray(dataset.batches({ batchSize: 100, from: loader.state() }));
    assert.is(rest[0]?.index, 4);
  }),
);

test(
  "an error of a function ends the iteration and is the caller's",
  withDataset(async (dataset) => {
    const mapped = dataset.batches({ batchSize: 100 }).map(({ index }) => {
      if (index === 2) throw new RangeError("not this one");
      return index;
    });
    try {
      await toArray(mapped);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }),
);

test(
  "counts that cannot be are refused",
  withDataset(async (dataset) => {
    for (const count of [-1, 0.5, Number.NaN]) {
      assert.throws(() => dataset.batches({ batchSize: 1 }).take(count), /take must be a whole/);
      assert.throws(() => dataset.batches({ batchSize: 1 }).skip(count), /skip must be a whole/);
    }
  }),
);

test(
  "rows of a batch are filtered by their features and target",
  withDataset(async (dataset) => {
    const [batch] = await toArray(dataset.batches({ batchSize: 1050 }));
    const positive = filterRows(batch!, (features, target) => features[1]! > 0 && target < 0);
    const expected = Array.from({ length: 1050 }, (_, row) => row).filter(
      (row) => batch!.x[row * 3 + 1]! > 0 && batch!.y[row]! < 0,
    );
    assert.is(positive.rows, expected.length);
    assert.equal(
      [...positive.y],
      expected.map((row) => batch!.y[row]),
    );
    assert.equal(
      [...positive.x],
      expected.flatMap((row) => [...batch!.x.subarray(row * 3, row * 3 + 3)]),
    );
    assert.equal(filterRows(batch!, () => false).rows, 0);
  }),
);

test.run();
