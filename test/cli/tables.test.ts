import { writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";
import { inFolder, vadi } from "./vadi.js";

const TABLE = `select random() as a, (i % 10)::integer as b, 'n' as name, (i % 10) * 2 - a as cost
  from (select i, random() as a from range(5000) t(i))`;

test("a foreign table is inspected, trained on, sliced and reported, with its columns' names", () =>
  inFolder(async (folder) => {
    await runSql(
      `copy (select * replace (case when b = 3 then null else a end as a) from (${TABLE})) to '${folder}/t.parquet'`,
    );
    const table = ["--target", "cost", "--features", "b,a", "--invalid", "drop"];
    const run = async (...words: string[]): Promise<Record<string, unknown>> => {
      const { code, stdout, stderr } = await vadi([...words, "--json"], { cwd: folder });
      assert.is(code, 0, stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const all = await vadi(["inspect", "t.parquet"], { cwd: folder });
    assert.is(all.code, 0, all.stderr);
    assert.match(all.stdout, /\n {2}name +VARCHAR +0 +1 +n +n\n/);
    assert.match(all.stdout, /\n {2}name +left out; with --categorical: name_n, name_other\n/);
    assert.match(
      all.stdout,
      /Next: vadi convert t\.parquet --target COLUMN --categorical name --impute median --out data\/t\n/,
    );
    const wrong = await vadi(["inspect", "t.parquet", "--statistics"], { cwd: folder });
    assert.is(wrong.code, 2);
    assert.match(
      wrong.stderr,
      /has no column y; name the target with --target: its numeric columns are a, b, cost/,
    );
    const inspected = await vadi(["inspect", "t.parquet", ...table], { cwd: folder });
    assert.match(inspected.stdout, /4\.5k|4500/);
    assert.match(inspected.stderr, /500 of 5000 rows have invalid values and were dropped/);
    await run("train", "t.parquet", ...table, "--batch-size", "500", "--out", "run");
    const sliced = await run("landscape", "run", "--batches", "2", "--points", "5");
    assert.is(sliced["batches"], 2);
    await run("report", "run", "--out", "report.html");
    const unknown = await vadi(["train", "t.parquet", "--target", "price", "--out", "r"], {
      cwd: folder,
    });
    assert.is(unknown.code, 2);
    assert.match(unknown.stderr, /has no column price for --target/);
  }));

test("vadi convert makes a dataset of a CSV file, and says what is wrong with it", () =>
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const rows = Array.from({ length: 300 }, (_, row) => `${row},${row / 4},n${row}`);
    await writeFile(file, `a,price,name\n${rows.join("\n")}\nnone,1,n\n`);
    const words = ["convert", "t.csv", "--target", "price", "--out", "data"];
    const failed = await vadi(words, { cwd: folder });
    assert.is(failed.code, 1);
    assert.match(
      failed.stderr,
      /Column a of .*t\.csv is missing or not a number in row 301 \(counted from 1\);/,
    );
    const again = ["--invalid", "drop", "--format", "parquet", "--json"];
    const { code, stdout, stderr } = await vadi([...words, ...again], { cwd: folder });
    assert.is(code, 0, stderr);
    const told = JSON.parse(stdout) as Record<string, unknown>;
    assert.is(told["kind"], "table");
    assert.is(told["rows"], 300);
    assert.is(told["dropped"], 1);
    assert.is(told["out"], "data");
    const verified = await vadi(["verify", "data", "--quiet"], { cwd: folder });
    assert.is(verified.code, 0, verified.stderr);
    const repeated = await vadi(words, { cwd: folder });
    assert.is(repeated.code, 1);
    assert.match(repeated.stderr, /holds a dataset already; use --force/);
  }));

test.run();
