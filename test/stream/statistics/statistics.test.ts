import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects, readRows } from "../../storage/folders.js";

/** Two passes in float64 over one column. */
function twoPasses(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}

test(
  "statistics are those of two passes in float64",
  inFolder(async (folder) => {
    for (const [rows, features, format] of [
      [300_000, 3, "arrow"],
      [20_000, 1, "parquet"],
      [2, 2, "arrow"],
    ] as const) {
      const out = path.join(folder, `${rows}`);
      await writeDataset({ kind: "lsm", out, rows, features, format, shardRows: 70_000 });
      const dataset = await openDataset(out);
      const { x, y } = await readRows(out);
      const statistics = await dataset.statistics();
      assert.is(statistics.rows, rows);
      assert.equal(
        [...statistics.features, statistics.target].map(({ name }) => name),
        [...dataset.featureNames, dataset.targetName],
      );
      for (const [column, found] of [...statistics.features, statistics.target].entries()) {
        const values = Array.from({ length: rows }, (_, row) =>
          column === features ? y[row]! : x[row * features + column]!,
        );
        const { mean, variance } = twoPasses(values);
        assert.is(found.count, rows);
        // Sums of 3·10⁵ numbers of size 1, each rounded to 10⁻¹⁶ of a sum of at most some 10³.
        assert.ok(Math.abs(found.mean - mean) < 1e-12);
        assert.ok(Math.abs(found.variance - variance) < 1e-11 * variance);
        const ordered = Float64Array.from(values).toSorted();
        assert.is(found.minimum, ordered[0]);
        assert.is(found.maximum, ordered.at(-1));
      }
      assert.equal(await dataset.statistics(), statistics, "the same again, to the bit");
    }
  }),
);

test(
  "covariances are those of two passes in float64, and refused for too many columns",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const rows = 250_000;
    await writeDataset({ kind: "lsm", out, rows, features: 2, shardRows: 60_000 });
    const dataset = await openDataset(out);
    const { x, y } = await readRows(out);
    const columns = [0, 1, 2].map((column) =>
      Array.from({ length: rows }, (_, row) => (column === 2 ? y[row]! : x[row * 2 + column]!)),
    );
    const means = columns.map((values) => twoPasses(values).mean);
    const { covariance, features, target } = await dataset.statistics({ covariance: true });
    for (const [left, a] of columns.entries()) {
      for (const [right, b] of columns.entries()) {
        const sum = a.reduce(
          (total, value, row) => total + (value - means[left]!) * (b[row]! - means[right]!),
          0,
        );
        assert.ok(Math.abs(covariance![left]![right]! - sum / (rows - 1)) < 1e-11);
      }
    }
    assert.equal(
      covariance!.map((line, column) => line[column]),
      [...features, target].map(({ variance }) => variance),
    );
    assert.is((await dataset.statistics()).covariance, undefined);
    const wide = path.join(folder, "wide");
    await writeDataset({ kind: "lsm", out: wide, rows: 1, features: 4096 });
    const refused = (await openDataset(wide)).statistics({ covariance: true });
    await assertRejects(refused, "usage", /4096 are the most/);
  }),
);

test(
  "one row has a mean and no variance",
  inFolder(async (folder) => {
    await writeDataset({ kind: "lsm", out: path.join(folder, "d"), rows: 1, features: 2 });
    const dataset = await openDataset(path.join(folder, "d"));
    const { target } = await dataset.statistics();
    const { y } = await dataset.head(1);
    assert.equal(target, {
      name: "y",
      count: 1,
      mean: y[0],
      variance: NaN,
      minimum: y[0],
      maximum: y[0],
    });
  }),
);

test(
  "statistics say how far they are, can be interrupted, and name a shard that is gone",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 200_000, shardRows: 50_000 });
    const dataset = await openDataset(out);
    const done: number[] = [];
    await dataset.statistics({
      onProgress: (progress) => {
        assert.is(progress.total, 200_000);
        done.push(progress.done);
      },
    });
    assert.is(Math.max(...done), 200_000);
    const signal = AbortSignal.abort();
    await assertRejects(dataset.statistics({ signal }), "interrupted", /./);
    const { rename } = await import("node:fs/promises");
    await rename(path.join(out, "shard-00002.arrow"), path.join(folder, "gone"));
    await assertRejects(dataset.statistics(), "failed", /shard-00002\.arrow/);
  }),
);

test(
  "the first rows, at most as many as there are",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 25, features: 3, shardRows: 10 });
    const dataset = await openDataset(out);
    const { x, y } = await readRows(out);
    for (const wanted of [0, 1, 9, 10, 11, 25, 26, 100_000]) {
      const rows = Math.min(25, wanted);
      const head = await dataset.head(wanted);
      assert.equal(head, { x: x.slice(0, rows * 3), y: y.slice(0, rows), rows });
    }
    for (const wanted of [-1, 0.5, 100_001]) {
      await assertRejects(
        dataset.head(wanted),
        "usage",
        /^rows must be a whole number from 0 to 100000/,
      );
    }
  }),
);

test(
  "a dataset says what it is",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const { manifest } = await writeDataset({
      kind: "lsm",
      out,
      rows: 25,
      features: 3,
      shardRows: 10,
    });
    const dataset = await openDataset(path.relative(process.cwd(), out));
    assert.is(dataset.path, out);
    assert.is(dataset.rows, 25);
    assert.is(dataset.features, 3);
    assert.equal(dataset.featureNames, ["x0", "x1", "x2"]);
    assert.is(dataset.targetName, "y");
    assert.is(dataset.format, "arrow");
    assert.equal(dataset.manifest, manifest);
    assert.match(dataset.fingerprint, /^[0-9a-f]{64}$/);
    assert.is((await dataset.verify()).ok, true);
  }),
);

test.run();
