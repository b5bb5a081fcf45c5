import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import { openDataset, type Dataset } from "../../src/stream/index.js";
import { wordAt } from "../generate/reference.js";
import { inFolder } from "../helpers/folder.js";
import { assertRejects } from "../storage/folders.js";
import { knowRows, orderOf, range, sorted, type KnownRows } from "./rows.js";

/** STREAMS.split; once released it never changes. */
const STREAM = 10;

async function numbersOf(part: Dataset, known: KnownRows): Promise<number[]> {
  return (await orderOf(part, known, { batchSize: 97 })).flat();
}

test(
  "parts are disjoint, together everything, and as another implementation of Philox says",
  inFolder(async (folder) => {
    for (const format of ["arrow", "parquet"] as const) {
      const out = path.join(folder, format);
      await writeDataset({ kind: "lsm", out, rows: 5003, features: 3, format, shardRows: 1100 });
      const known = await knowRows(out, 3);
      const dataset = await openDataset(out);
      const parts = await dataset.split([0.7, 0.2, 0.1], { seed: 5 });
      const numbers = await Promise.all(parts.map((part) => numbersOf(part, known)));
      const ends = [0.7, 0.9, 1].map((end) => Math.round(end * 2 ** 32));
      const expected = range(3).map((part) =>
        range(5003).filter((row) => {
          const word = wordAt(5, STREAM, 0, row);
          return word >= (ends[part - 1] ?? 0) && word < ends[part]!;
        }),
      );
      assert.equal(numbers, expected);
      assert.equal(sorted(numbers.flat()), range(5003));
      for (const [index, part] of parts.entries()) {
        assert.is(part.rows, numbers[index]!.length);
        const first = await part.head(3);
        assert.equal(known.numbersOf(first), numbers[index]!.slice(0, 3));
        assert.is((await part.statistics()).rows, part.rows);
      }
      assert.is(new Set([dataset, ...parts].map(({ fingerprint }) => fingerprint)).size, 4);
      const again = await dataset.split([0.7, 0.2, 0.1], { seed: 5 });
      assert.equal(
        again.map(({ fingerprint }) => fingerprint),
        parts.map(({ fingerprint }) => fingerprint),
      );
    }
  }),
);

test(
  "sizes are within five standard deviations of their fractions",
  inFolder(async (folder) => {
    // Each of the six comparisons fails for one seed in 1.7 million.
    const out = path.join(folder, "data");
    const rows = 300_000;
    await writeDataset({ kind: "lsm", out, rows, features: 1, shardRows: 70_000 });
    const dataset = await openDataset(out);
    for (const fractions of [
      [0.5, 0.5],
      [0.9, 0.1],
      [0.01, 0.3],
    ]) {
      for (const [index, part] of (await dataset.split(fractions)).entries()) {
        const fraction = fractions[index]!;
        const deviation = Math.sqrt(rows * fraction * (1 - fraction));
        assert.ok(Math.abs(part.rows - rows * fraction) < 5 * deviation, `${fraction}`);
      }
    }
  }),
);

test(
  "a part is shuffled, resumed and divided among ranks as any dataset",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 3000, features: 2, shardRows: 400 });
    const known = await knowRows(out, 2);
    const [part] = await (await openDataset(out)).split([0.3]);
    const members = sorted(await numbersOf(part!, known));
    for (const shuffle of ["shards", "window", "global"] as const) {
      const options = { batchSize: 100, shuffle, seed: 3 };
      const order = await orderOf(part!, known, options);
      assert.equal(sorted(order.flat()), members);
      const loader = part!.batches(options);
      for await (const batch of loader) if (batch.index === 3) break;
      const rest = await orderOf(part!, known, { ...options, from: loader.state() });
      assert.equal(rest, order.slice(4));
      const ranks = await Promise.all(
        [0, 1].map((rank) => orderOf(part!, known, { ...options, rank, worldSize: 2 })),
      );
      assert.equal(
        order,
        order.map((_, batch) => [...ranks[0]![batch]!, ...ranks[1]![batch]!]),
      );
    }
    const other = await openDataset(out);
    const state = part!.batches({ batchSize: 100 }).state();
    assert.throws(() => other.batches({ batchSize: 100, from: state }), /another dataset/);
  }),
);

test(
  "a part is split again, with the same seed, independently of the first time",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 20_000, features: 2, shardRows: 6000 });
    const known = await knowRows(out, 2);
    const [half] = await (await openDataset(out)).split([0.5]);
    const quarters = await half!.split([0.5, 0.5]);
    // Were the words those of the first split, one of the two would be everything.
    for (const { rows } of quarters) assert.ok(Math.abs(rows - 5000) < 500, `${rows}`);
    const numbers = await Promise.all(quarters.map((part) => numbersOf(part, known)));
    assert.equal(sorted(numbers.flat()), await numbersOf(half!, known));
  }),
);

test(
  "a tiny dataset may leave a part empty; fractions and seeds that cannot be are refused",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 1, features: 1 });
    const dataset = await openDataset(out);
    const parts = await dataset.split([0.5, 0.5]);
    assert.equal(sorted(parts.map(({ rows }) => rows)), [0, 1]);
    const empty = parts.find(({ rows }) => rows === 0)!;
    for (const shuffle of ["none", "shards", "window", "global"] as const) {
      for await (const batch of empty.batches({ batchSize: 10, shuffle })) {
        assert.unreachable(`a batch of ${batch.rows} rows`);
      }
    }
    assert.is((await empty.head(5)).rows, 0);
    await assertRejects(empty.statistics(), "failed", /no rows/);
    for (const fractions of [[], [0], [-0.1], [1.1], [0.6, 0.5]]) {
      await assertRejects(dataset.split(fractions), "usage", /fraction/);
    }
    await assertRejects(dataset.split([0.5], { seed: -1 }), "usage", /^seed must/);
    const [whole] = await dataset.split([1]);
    assert.is(whole!.rows, 1);
    await assertRejects(dataset.split([0.5], { signal: AbortSignal.abort() }), "interrupted", /./);
  }),
);

test.run();
