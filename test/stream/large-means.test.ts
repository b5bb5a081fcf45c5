import {
  convert,
  generate,
  openDataset,
  standardizationOf,
  train,
  type Dataset,
  type ShuffleMode,
} from "../../src/index.js";
import path from "node:path";
import { inFolder } from "../helpers/folder.js";
import { largeColumns, momentsOf, writeTables, type Columns } from "../helpers/large-table.js";
import { messageOf } from "../helpers/message-of.js";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";

/*
 * Columns of large values that lie close together, such as 10⁸ + N(0,1), whose neighbours in float32
 * are 8 apart.
 */

const ROWS = 30_000;

function isNear(found: number, expected: number, relative: number, what: string): void {
  const difference = Math.abs(found - expected);
  assert.ok(difference <= relative * Math.abs(expected), `${what}: ${found}, not ${expected}`);
}

/** A target that a linear model of the standardised columns reaches. */
function withTarget({ a, b, c }: Columns): Columns {
  const y = a!.map((value, row) => 3 + (value - 1e8) - 2 * (b![row]! - 7e7) + 0.5 * c![row]!);
  return { a: a!, b: b!, c: c!, y };
}

async function checkStatistics(dataset: Dataset, columns: Columns): Promise<void> {
  const statistics = await dataset.statistics({ covariance: true });
  const names = ["a", "b", "c", "y"];
  for (const [at, found] of [...statistics.features, statistics.target].entries()) {
    const { mean, variance } = momentsOf(columns[names[at]!]!);
    isNear(found.mean, mean, at === 2 ? 1e-10 : 1e-15, `mean of ${found.name}`);
    isNear(found.variance, variance, 1e-11, `variance of ${found.name}`);
    isNear(statistics.covariance![at]![at]!, variance, 1e-11, `covariance of ${found.name}`);
    assert.is(
      found.minimum,
      columns[found.name]!.reduce((least, value) => Math.min(least, value)),
    );
    assert.is(
      found.maximum,
      columns[found.name]!.reduce((most, value) => Math.max(most, value)),
    );
  }
  // cov(a, y) = var a, up to what the other columns have in common with a by chance.
  const products = columns["a"]!.map((value, row) => (value - 1e8 - 0) * (columns["y"]![row]! - 3));
  const means = ["a", "y"].map((name) => momentsOf(columns[name]!).mean);
  const expected =
    (products.reduce((sum, value) => sum + value, 0) - ROWS * (means[0]! - 1e8) * (means[1]! - 3)) /
    (ROWS - 1);
  isNear(statistics.covariance![0]![3]!, expected, 1e-9, "covariance of a and y");
}

test(
  "statistics of a foreign table's doubles are those of float64, in every format",
  inFolder(async (folder) => {
    const columns = withTarget(largeColumns(ROWS));
    const files = await writeTables(folder, "table", columns);
    for (const file of [files.parquet, files.arrow])
      await checkStatistics(await openDataset(file), columns);
  }),
);

test(
  "the subsets of a split have the statistics of their own rows",
  inFolder(async (folder) => {
    const columns = withTarget(largeColumns(ROWS));
    const { parquet } = await writeTables(folder, "table", columns);
    const parts = await (await openDataset(parquet)).split([0.7, 0.3], { seed: 3 });
    for (const part of parts) {
      const own: number[] = [];
      for await (const { x, rows } of part.float64Rows()) {
        for (let row = 0; row < rows; row++) own.push(x[3 * row]!);
      }
      assert.is(own.length, part.rows);
      // Every row of the subset is one of the table, to the bit.
      const all = new Set(columns["a"]);
      assert.ok(own.every((value) => all.has(value)));
      const { mean, variance } = momentsOf(own);
      const [found] = (await part.statistics()).features;
      isNear(found!.mean, mean, 1e-15, "mean");
      isNear(found!.variance, variance, 1e-11, "variance");
    }
  }),
);

/** Checks that each column of the batches has mean 0 and standard deviation 1 to float32's rounding. */
async function checkStandardized(dataset: Dataset, shuffle: ShuffleMode): Promise<void> {
  const standardize = standardizationOf(await dataset.statistics());
  const columns = [0, 1, 2, 3].map(() => [] as number[]);
  for await (const { x, y, rows } of dataset.batches({ batchSize: 1000, standardize, shuffle })) {
    for (let at = 0; at < rows * 3; at++) columns[at % 3]!.push(x[at]!);
    columns[3]!.push(...y);
  }
  for (const values of columns) {
    assert.is(values.length, dataset.rows);
    const { mean, variance } = momentsOf(values);
    assert.ok(Math.abs(mean) < 1e-7, `mean ${mean}`);
    assert.ok(Math.abs(variance - 1) < 1e-6, `variance ${variance}`);
  }
}

test(
  "standardised with its own statistics, a column has mean 0 and standard deviation 1",
  inFolder(async (folder) => {
    const files = await writeTables(folder, "table", withTarget(largeColumns(ROWS)));
    for (const file of [files.parquet, files.arrow]) {
      await checkStandardized(await openDataset(file), "none");
    }
    const dataset = await openDataset(files.parquet);
    await checkStandardized(dataset, "window");
    await checkStandardized(dataset, "global");
    const [, part] = await dataset.split([0.6, 0.4]);
    await checkStandardized(part!, "global");
  }),
);

test(
  "training on standardised large columns converges to the exact coefficients",
  inFolder(async (folder) => {
    const columns = withTarget(largeColumns(ROWS));
    const { parquet } = await writeTables(folder, "table", columns);
    const dataset = await openDataset(parquet);
    const run = await train(dataset, {
      out: path.join(folder, "run"),
      standardize: true,
      learningRate: 0.05,
      batchSize: 1000,
      epochs: 4,
    });
    assert.is(run.record.status, "done");
    assert.ok(run.record.result!.loss! < 1e-4, `loss ${run.record.result!.loss}`);
    // The closed form needs no steps: y in standard deviations of each column.
    const exact = await train(dataset, {
      out: path.join(folder, "exact"),
      standardize: true,
      optimizer: "closed-form",
    });
    const deviation = (name: string): number => Math.sqrt(momentsOf(columns[name]!).variance);
    for (const [at, coefficient] of [1, -2, 0.5].entries()) {
      const expected = (coefficient * deviation(["a", "b", "c"][at]!)) / deviation("y");
      isNear(exact.record.result!.weights![at]!, expected, 1e-6, `weight ${at}`);
    }
  }),
);

test(
  "one row, a constant column and a dataset of vadi's own keep their statistics",
  inFolder(async (folder) => {
    const constant = { a: Float64Array.of(1e8, 1e8), y: Float64Array.of(1, 2) };
    const { parquet } = await writeTables(folder, "two", constant);
    const { features, target } = await (await openDataset(parquet)).statistics();
    assert.equal([features[0]!.mean, features[0]!.variance], [1e8, 0]);
    assert.equal([target.mean, target.variance], [1.5, 0.5]);
    const one = { a: Float64Array.of(123_456_789.25), y: Float64Array.of(1) };
    const single = await openDataset((await writeTables(folder, "one", one)).arrow);
    const found = (await single.statistics()).features[0]!;
    assert.equal([found.mean, found.minimum, found.count], [123_456_789.25, 123_456_789.25, 1]);
    assert.ok(Number.isNaN(found.variance));
    const own = await generate({
      kind: "lsm",
      rows: 1000,
      features: 2,
      out: path.join(folder, "d"),
    });
    const { x, y } = await own.head(1000);
    const exact: number[] = [];
    for await (const rows of own.float64Rows({ batchSize: 300 })) exact.push(...rows.y);
    assert.equal(exact, [...y]);
    const column = Float64Array.from({ length: 1000 }, (_, row) => x[2 * row]!);
    isNear((await own.statistics()).features[0]!.variance, momentsOf(column).variance, 1e-12, "x0");
  }),
);

test(
  "whatever the batch and the memory, rows come in file order, of a split's subset too",
  inFolder(async (folder) => {
    const columns = withTarget(largeColumns(5000));
    const { parquet, arrow } = await writeTables(folder, "table", columns);
    const order = new Map(Array.from(columns["a"]!, (value, row) => [value, row]));
    const whole = await openDataset(parquet);
    const parts = await (await openDataset(arrow)).split([0.3, 0.7]);
    for (const dataset of [whole, ...parts]) {
      for (const options of [{}, { batchSize: 7 }, { memory: 6400 }, { memory: 1 }]) {
        let last = -1;
        let count = 0;
        for await (const { x, y, rows } of dataset.float64Rows(options)) {
          if (options.memory !== undefined) assert.ok(x.byteLength + y.byteLength <= 6400);
          for (let at = 0; at < rows; at++, count++) {
            const row = order.get(x[3 * at]!)!;
            assert.ok(row > last);
            assert.is(y[at], columns["y"]![row]);
            last = row;
          }
        }
        assert.is(count, dataset.rows);
      }
    }
  }),
);

test(
  "a batch or a memory that cannot be is refused by the name of its option",
  inFolder(async (folder) => {
    const { parquet } = await writeTables(folder, "table", withTarget(largeColumns(10)));
    const dataset = await openDataset(parquet);
    for (const [options, says] of [
      [{ batchSize: 0 }, /^batchSize must be a whole number from 1 /],
      [{ batchSize: 1.5 }, /^batchSize must be a whole number from 1 /],
      [{ batchSize: Number.NaN }, /^batchSize must be a whole number from 1 /],
      [{ memory: 0 }, /^memory must be a size in bytes, at least 1, not 0/],
      [{ rows: -1 }, /^rows must be a whole number of at least 0/],
    ] as const) {
      assert.match(await messageOf(dataset.float64Rows(options).next()), says);
    }
  }),
);

test(
  "columns that float32 holds have the statistics of the dataset that they become, to the bit",
  inFolder(async (folder) => {
    const source = path.join(folder, "narrow.parquet");
    await runSql(
      `copy (select (i / 7)::float as a, (i * 7 % 60000 - 30000)::smallint as b, (i % 250)::utinyint as c, (1e8 + i)::float as y
         from range(20000) r(i)) to '${source}'`,
    );
    const out = path.join(folder, "converted");
    const { warnings } = await convert(source, { out });
    assert.equal(warnings, []);
    const table = await openDataset(source);
    assert.equal(table.columnTypes, ["float32", "int16", "uint8", "float32"]);
    const [found, expected] = await Promise.all(
      [table, await openDataset(out)].map((one) => one.statistics({ covariance: true })),
    );
    assert.equal(found, expected);
  }),
);

test(
  "values that are no float32 numbers are errors or left out, as in batches",
  inFolder(async (folder) => {
    const columns = withTarget(largeColumns(3000));
    columns["a"]![17] = Number.NaN;
    columns["b"]![2999] = 1e39;
    const { arrow, parquet } = await writeTables(folder, "table", columns);
    for (const [file, where] of [
      [arrow, "row 18 "],
      [parquet, "row 18 "],
    ] as const) {
      const message = await messageOf((await openDataset(file)).statistics());
      assert.match(message, "Column a of");
      assert.match(message, where);
      const dropped = await openDataset(file, { invalid: "drop" });
      assert.is(dropped.rows, 2998);
      const left = columns["b"]!.filter((_, row) => row !== 17 && row !== 2999);
      const { mean, variance } = momentsOf(left);
      const b = (await dropped.statistics()).features[1]!;
      isNear(b.mean, mean, 1e-15, "mean");
      isNear(b.variance, variance, 1e-11, "variance");
    }
  }),
);

test(
  "a constant column of large values becomes 0",
  inFolder(async (folder) => {
    const { b, c } = largeColumns(2000);
    const columns = { a: new Float64Array(2000).fill(123_456_789.1), b: b!, y: c! };
    const { parquet } = await writeTables(folder, "table", columns);
    const dataset = await openDataset(parquet);
    const standardize = standardizationOf(await dataset.statistics());
    assert.equal(standardize.features[0], { name: "a", mean: 123_456_789.1, scale: 1 });
    for await (const { x, rows } of dataset.batches({ batchSize: 999, standardize })) {
      for (let row = 0; row < rows; row++) assert.is(x[2 * row], 0);
    }
  }),
);

test.run();
