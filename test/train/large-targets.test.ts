import path from "node:path";
import { readFile } from "node:fs/promises";
import { tableFromIPC } from "apache-arrow";
import {
  convert,
  evaluate,
  exportWeights,
  openDataset,
  predict,
  train,
  writePredictions,
  type Run,
  type RunRecord,
} from "../../src/index.js";
import { inFolder } from "../helpers/folder.js";
import { largeColumns, momentsOf, writeTables, type Columns } from "../helpers/large-table.js";
import { normals } from "../helpers/memory-dataset.js";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";

/* Targets in large units, such as 10⁸ + z: results leave standardised space in float64. */

const ROWS = 20_000;

/** y = 10⁸ + z, where z is linear in the columns with some noise. */
function table(): Columns {
  const { a, b, c } = largeColumns(ROWS);
  const normal = normals(5);
  const y = a!.map((value, row) => value + 30 * (b![row]! - 7e7) - 20 * c![row]! + 2 * normal());
  return { a: a!, b: b!, c: c!, y };
}

async function trained(file: string, out: string): Promise<Run> {
  return train(await openDataset(file), {
    out,
    standardize: true,
    optimizer: "closed-form",
  });
}

/** The run's predictions in float64, from its record alone. */
function expectedPredictions({ record }: Run, { a, b, c }: Columns): Float64Array {
  const { features, target } = record.standardize!;
  const weights = record.result!.weights!;
  return Float64Array.from(a!, (_, row) => {
    const sum = [a!, b!, c!].reduce(
      (total, column, at) =>
        total +
        weights[at]! * Math.fround((column[row]! - features[at]!.mean) / features[at]!.scale),
      0,
    );
    return sum * target!.scale + target!.mean;
  });
}

test(
  "evaluate compares float64 predictions with the source's own targets",
  inFolder(async (folder) => {
    const columns = table();
    const { parquet } = await writeTables(folder, "table", columns);
    const run = await trained(parquet, path.join(folder, "run"));
    const predictions = expectedPredictions(run, columns);
    const { variance } = momentsOf(columns["y"]!);
    let squares = 0;
    for (const [row, value] of predictions.entries()) squares += (value - columns["y"]![row]!) ** 2;
    const { loss, rSquared } = await evaluate(run);
    assert.ok(Math.abs(loss - squares / ROWS) < 1e-4 * loss, `loss ${loss}`);
    assert.ok(Math.abs(loss - 4) < 0.2, "the noise's variance");
    const expected = 1 - squares / (variance * (ROWS - 1));
    assert.ok(expected > 0.99 && Math.abs(rSquared! - expected) < 1e-6, `R² ${rSquared}`);
  }),
);

test(
  "predictions are float64, and beside them the source's columns as they are",
  inFolder(async (folder) => {
    const columns = table();
    const files = await writeTables(folder, "table", columns);
    const run = await trained(files.parquet, path.join(folder, "run"));
    const expected = expectedPredictions(run, columns);
    const isClose = (found: number, row: number): boolean =>
      Math.abs(found - expected[row]!) < 1e-4;
    for (const source of [files.parquet, files.arrow]) {
      const dataset = await openDataset(source);
      let row = 0;
      for await (const values of predict(run, dataset, { float64: true, batchSize: 777 })) {
        assert.instance(values, Float64Array);
        for (const value of values) assert.ok(isClose(value, row++));
      }
      assert.is(row, ROWS);
      const out = path.join(folder, `of ${path.basename(source)}`);
      const { file } = await writePredictions(run, dataset, { out });
      const found = await runSql(
        `select p.*, s.a as sa, s.y as sy, p.a = s.a and p.b = s.b and p.c = s.c and p.y = s.y as same
           from '${file}' p positional join '${files.parquet}' s`,
      );
      assert.ok(
        found.every(({ same }) => same === true),
        source,
      );
      assert.ok(found.every(({ prediction }, at) => isClose(Number(prediction), at)));
      const types = await runSql(`select column_type from (describe select * from '${file}')`);
      assert.equal(
        types.map(({ column_type: type }) => type),
        Array(5).fill("DOUBLE"),
      );
    }
    const arrow = path.join(folder, "as arrow");
    const dataset = await openDataset(files.parquet);
    const { file } = await writePredictions(run, dataset, { out: arrow, format: "arrow" });
    const read = tableFromIPC(await readFile(file));
    assert.equal(
      read.schema.fields.map(({ name, type }) => `${name} ${type}`),
      ["a Float64", "b Float64", "c Float64", "y Float64", "prediction Float64"],
    );
    assert.equal(read.getChild("a")!.toArray(), columns["a"]);
    assert.equal(read.getChild("y")!.toArray(), columns["y"]);
  }),
);

/** One column of every numeric type, with values that float64 does not hold. */
const TYPED = `
  select (i % 200 - 100)::tinyint as i8, (i * 7 - 32000)::smallint as i16, (i * 200000)::integer as i32,
    (9007199254740993 + 2 * i)::bigint as i64, (i % 256)::utinyint as u8, (i * 6)::usmallint as u16,
    (4294967295 - i)::uinteger as u32, (18446744073709551615 - i)::ubigint as u64,
    (i / 3)::float as f32, (1e8 + i / 3)::double as f64, (i / 7)::double as y
  from range(9000) r(i)`;

function typesOf(file: string): Promise<Record<string, unknown>[]> {
  return runSql(
    `select column_name, column_type from (describe select * from '${file}') where column_name <> 'prediction'`,
  );
}

test(
  "every numeric type is copied exactly, 64-bit integers beyond 2^53 too",
  inFolder(async (folder) => {
    const source = path.join(folder, "typed.parquet");
    await runSql(`copy (${TYPED}) to '${source}'`);
    const dataset = await openDataset(source);
    const run = await train(dataset, { out: path.join(folder, "run"), standardize: true });
    for (const part of [dataset, (await dataset.split([0.5, 0.5]))[1]!]) {
      const { file, rows } = await writePredictions(run, part, {
        out: path.join(folder, `of ${part.rows}`),
        batchSize: 1000,
      });
      const [kept] = await runSql(
        `select count(*) as rows from (select * exclude prediction from '${file}' intersect all select * from '${source}')`,
      );
      assert.is(Number(kept!["rows"]), rows);
      assert.equal(await typesOf(file), await typesOf(source));
    }
    const out = path.join(folder, "arrow");
    const { file } = await writePredictions(run, dataset, { out, format: "arrow" });
    const read = tableFromIPC(await readFile(file));
    assert.equal(
      read.schema.fields.map(({ type }) => String(type)),
      "Int8 Int16 Int32 Int64 Uint8 Uint16 Uint32 Uint64 Float32 Float64 Float64 Float64".split(
        " ",
      ),
    );
    const i64 = BigInt64Array.from({ length: 9000 }, (_, i) => 9007199254740993n + 2n * BigInt(i));
    assert.equal(read.getChild("i64")!.toArray(), i64);
    const u64 = BigUint64Array.from({ length: 9000 }, (_, i) => 2n ** 64n - 1n - BigInt(i));
    assert.equal(read.getChild("u64")!.toArray(), u64);
    // What was written as Arrow is read again, and copied again.
    const again = await writePredictions(
      run,
      await openDataset(file, { features: dataset.featureNames }),
      {
        out: path.join(folder, "again"),
      },
    );
    const [same] = await runSql(
      `select count(*) as rows from (select i64, u64, f32, y from '${again.file}' intersect all select i64, u64, f32, y from '${source}')`,
    );
    assert.is(Number(same!["rows"]), 9000);
  }),
);

test(
  "a model whose folded weights lose digits says by how much",
  inFolder(async (folder) => {
    const columns = table();
    const { parquet } = await writeTables(folder, "table", columns);
    const run = await trained(parquet, path.join(folder, "run"));
    const { folding } = run.record.result!;
    const spread = Math.sqrt(momentsOf(columns["y"]!).variance);
    assert.ok(Math.abs(folding!.spread / spread - 1) < 1e-6);
    // Rows are 10⁸ and more: float32 rounds each feature and the prediction by up to 4.
    assert.ok(folding!.largest > 1 && folding!.largest < 500, `largest ${folding!.largest}`);
    assert.match(
      run.warnings.join(),
      /float32 weights predicts with an error of up to .*vadi predict/,
    );
    const { file, warnings } = await exportWeights(run, path.join(folder, "m.safetensors"));
    assert.equal(warnings, run.warnings);
    // What the exported file does: y = w·x + b in float32, on rows in float32.
    const bytes = await readFile(file);
    const length = Number(bytes.readBigUInt64LE(0));
    const header: Record<string, { data_offsets: [number, number] }> = JSON.parse(
      bytes.subarray(8, 8 + length).toString("utf8"),
    );
    const floats = (name: string): number[] => {
      const [from, to] = header[name]!.data_offsets;
      return Array.from({ length: (to - from) / 4 }, (_, at) =>
        bytes.readFloatLE(8 + length + from + 4 * at),
      );
    };
    const [weights, [bias]] = [floats("0.weight"), floats("0.bias")];
    const exact = expectedPredictions(run, columns);
    let largest = 0;
    for (let row = 0; row < folding!.rows; row++) {
      let sum = 0;
      for (const [at, name] of ["a", "b", "c"].entries()) {
        sum = Math.fround(sum + Math.fround(weights[at]! * Math.fround(columns[name]![row]!)));
      }
      largest = Math.max(largest, Math.abs(Math.fround(sum + bias!) - exact[row]!));
    }
    // Kernels add in other orders: the same size, not the same bits.
    assert.ok(largest > folding!.largest / 3 && largest < folding!.largest * 3, `${largest}`);
  }),
);

test(
  "a model of small columns folds without a warning",
  inFolder(async (folder) => {
    const { c } = largeColumns(ROWS);
    const columns = { c: c!, y: c!.map((value) => 2 * value + 1) };
    const { parquet } = await writeTables(folder, "table", columns);
    const run = await trained(parquet, path.join(folder, "run"));
    assert.ok(run.record.result!.folding!.largest < 1e-5);
    assert.equal(run.warnings, []);
  }),
);

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

test(
  "converting columns that lose digits warns with what is lost, resumed or not",
  inFolder(async (folder) => {
    const columns = table();
    const { parquet } = await writeTables(folder, "table", columns);
    const out = path.join(folder, "converted");
    const { warnings } = await convert(parquet, { out, shardRows: 3000 });
    const named = warnings.map((text) => /^Column (\w) loses digits/.exec(text)?.[1]);
    assert.equal(named, ["a", "b", "y"]);
    for (const [at, name] of ["a", "b", "y"].entries()) {
      const values = columns[name]!;
      const largest = values.reduce((most, v) => Math.max(most, Math.abs(v - Math.fround(v))), 0);
      const deviation = Math.sqrt(momentsOf(values).variance);
      assert.ok(warnings[at]!.includes(`up to ${short(largest)}, `), warnings[at]);
      assert.ok(warnings[at]!.includes(`deviation is ${short(deviation)}.`), warnings[at]);
    }
    const interrupted = path.join(folder, "interrupted");
    const stop = new AbortController();
    const options = { out: interrupted, shardRows: 3000, workers: 1 };
    await convert(parquet, {
      ...options,
      signal: stop.signal,
      onProgress: ({ phase, done }) => {
        if (phase === "converting" && done >= 6000) stop.abort();
      },
    }).catch(() => undefined);
    const resumed = await convert(parquet, { ...options, resume: true });
    assert.equal(resumed.warnings, warnings);
  }),
);

test(
  "the closed form and validation of rows as they are take the source's own targets",
  inFolder(async (folder) => {
    const { c } = largeColumns(ROWS);
    const normal = normals(9);
    const y = c!.map((value) => 1e8 + 3 * value + normal());
    const columns = { c: c!, one: new Float64Array(ROWS).fill(1), y };
    const { parquet } = await writeTables(folder, "table", columns);
    const dataset = await openDataset(parquet);
    const out = path.join(folder, "run");
    const exact = await train(dataset, { out, optimizer: "closed-form" });
    // Least squares with an intercept: cov(c, y) / var c.
    const { mean, variance } = momentsOf(columns.c);
    let products = 0;
    for (const [row, value] of y.entries()) products += (columns.c[row]! - mean) * (value - 1e8);
    const slope = products / ((ROWS - 1) * variance);
    const found = exact.record.result!.weights![0]!;
    assert.ok(Math.abs(found - slope) < 1e-5, `${found}, not ${slope}`);
    assert.equal(exact.warnings, []);

    // Steps this small leave the weights as they are.
    const validated = await train(dataset, {
      out: path.join(folder, "validated"),
      model: path.join(out, "model"),
      learningRate: 1e-30,
      validation: 0.5,
    });
    const [w, bias] = exact.record.result!.weights as [number, number];
    const { weights, validation } = validated.record.result!;
    assert.equal(weights, [w, bias]);
    // The same rows as training kept, by the split's own seed; predictions are float32.
    const [, kept] = await dataset.split([0.5, 0.5]);
    let squares = 0;
    for await (const part of kept!.float64Rows()) {
      for (const [row, target] of part.y.entries()) {
        squares += (Math.fround(Math.fround(w * part.x[2 * row]!) + bias) - target) ** 2;
      }
    }
    const loss = squares / kept!.rows;
    assert.ok(Math.abs(validation!.loss / loss - 1) < 1e-3, `${validation!.loss}, not ${loss}`);
  }),
);

test(
  "training on rows that float32 rounds says which columns lose digits, and what to do",
  inFolder(async (folder) => {
    const columns = table();
    const { parquet } = await writeTables(folder, "table", columns);
    const dataset = await openDataset(parquet);
    const told: (readonly string[] | undefined)[] = [];
    const options = {
      learningRate: 1e-20,
      onStart: ({ warnings }: RunRecord): number => told.push(warnings),
    };
    const run = await train(dataset, { ...options, out: path.join(folder, "raw") });
    assert.equal(told, [run.warnings]);
    // Another warning says that the scales of a and b differ.
    const named = run.warnings.flatMap((text) => /^Column (\w) loses digits/.exec(text)?.[1] ?? []);
    assert.equal(named, ["a", "b", "y"]);
    assert.match(
      run.warnings[0]!,
      /standard deviation is 1\.?\d*\. .*train with the option standardize\.$/,
    );
    // Standardised in float64, and where float32 holds the source's numbers, nothing is lost.
    const out = path.join(folder, "standardized");
    await train(dataset, { ...options, out, standardize: true, epochs: 0 });
    const small = { b: columns["c"]!, y: columns["c"]! };
    const other = await openDataset((await writeTables(folder, "small", small)).parquet);
    await train(other, { ...options, out: path.join(folder, "small run"), epochs: 0 });
    assert.equal(told.slice(1), [undefined, undefined]);
  }),
);

test.run();
