import { writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { runSql } from "../storage/duck.js";
import { inFolder, vadi } from "./vadi.js";

const ROWS = Array.from({ length: 400 }, (_, row) => {
  const km = (row % 37) / 4;
  const payment = row % 3 === 0 ? "card" : "cash";
  return {
    km,
    payment,
    fare: 2 + 3 * km + (payment === "card" ? 1 : 0) - (row % 50 === 0 ? 100 : 0),
  };
});
/** Rows that the query keeps. */
const KEPT = ROWS.filter(({ fare }) => fare > 0);
const QUERY =
  "SELECT km, payment = 'card' AS card, 1 AS one, fare FROM source WHERE fare > 0 AND payment IS NOT NULL";

test("a run predicts and evaluates new files by the query of its dataset, without the target too", () =>
  inFolder(async (folder) => {
    const file = (name: string): string => path.join(folder, name);
    const run = async (...words: string[]): Promise<Record<string, unknown>> => {
      const { code, stdout, stderr } = await vadi([...words, "--json"], { cwd: folder });
      assert.is(code, 0, stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const lines = ROWS.map(({ km, payment, fare }) => `${km},${payment},${fare}`);
    await writeFile(file("t.csv"), `km,payment,fare\n${lines.join("\n")}\n`);
    await run("convert", "t.csv", "--query", QUERY, "--target", "fare", "--out", "data");
    const inspected = await vadi(["inspect", "data"], { cwd: folder });
    assert.match(inspected.stdout, /Made by the query\n {2}SELECT km, payment = 'card'/);
    await run("train", "data", "--optimizer", "closed-form", "--out", "run");
    const { rows, rSquared } = await run("evaluate", "run", "t.csv");
    assert.is(rows, KEPT.length);
    assert.ok(Number(rSquared) > 0.999999);
    await run("predict", "run", "t.csv", "--out", "with");
    // Rows that the condition on the target would leave out are predicted where there is no target.
    await writeFile(
      file("new.csv"),
      `payment,km\n${ROWS.map(({ km, payment }) => `${payment},${km}`).join("\n")}\n`,
    );
    await run("predict", "run", "new.csv", "--out", "without");
    const found = await runSql(`select * from '${file("without/predictions.parquet")}'`);
    assert.equal(Object.keys(found[0]!), ["km", "card", "one", "prediction"]);
    assert.is(found.length, ROWS.length);
    for (const [at, { km, payment }] of ROWS.entries()) {
      const expected = 2 + 3 * km + (payment === "card" ? 1 : 0);
      assert.ok(Math.abs(Number(found[at]!["prediction"]) - expected) < 1e-4);
    }
    const [counted] = await runSql(
      `select count(*)::int as n, max(abs(prediction - fare)) as worst from '${file("with/predictions.parquet")}'`,
    );
    assert.is(counted!["n"], KEPT.length);
    assert.ok(Number(counted!["worst"]) < 1e-4);
    const refused = await vadi(["evaluate", "run", "new.csv"], { cwd: folder });
    assert.match(refused.stderr, /new\.csv has no target to compare predictions with/);
    await writeFile(file("less.csv"), "payment,fare\ncard,3\n");
    const less = await vadi(["predict", "run", "less.csv", "--out", "no"], { cwd: folder });
    assert.is(less.code, 2);
    assert.match(less.stderr, /less\.csv lacks km, and the feature km needs it/);
    const fixed = await vadi(["predict", "run", "t.csv", "--target", "km", "--out", "no"], {
      cwd: folder,
    });
    assert.match(fixed.stderr, /--target is fixed by the query of the run's dataset/);
  }));

test("what was learned is applied to new files: unknown categories, gaps", () =>
  inFolder(async (folder) => {
    const file = (name: string): string => path.join(folder, name);
    const lines = ROWS.map(
      ({ km, payment, fare }, row) => `${row % 20 === 3 ? "" : km},${payment},${fare + 200}`,
    );
    await writeFile(file("t.csv"), `km,payment,fare\n${lines.join("\n")}\n`);
    const words = ["--categorical", "payment", "--impute", "mean", "--target", "fare"];
    const dry = await vadi(["convert", "t.csv", ...words, "--dry-run", "--out", "data"], {
      cwd: folder,
    });
    assert.match(
      dry.stdout,
      /^SELECT\n {2}coalesce\(CASE WHEN isfinite\("km"\) THEN "km" END, [\d.]+e0\) AS "km",/,
    );
    for (const command of [
      ["convert", "t.csv", ...words, "--out", "data"],
      ["train", "data", "--optimizer", "closed-form", "--ridge", "1e-6", "--out", "run"],
    ]) {
      const { code, stderr } = await vadi(command, { cwd: folder });
      assert.is(code, 0, stderr);
    }
    await writeFile(file("new.csv"), "km,payment\n1,card\n,cash\n1,bitcoin\n");
    const { code, stderr } = await vadi(["predict", "run", "new.csv", "--out", "p"], {
      cwd: folder,
    });
    assert.is(code, 0, stderr);
    const found = await runSql(`select * from '${file("p/predictions.parquet")}'`);
    const kms = ROWS.flatMap(({ km }, row) => (row % 20 === 3 ? [] : [km]));
    const mean = kms.reduce((sum, km) => sum + km, 0) / kms.length;
    assert.equal(
      found.map((row) => Object.values(row).slice(0, -1).map(Number)),
      [
        [1, 0, 0, 1, 0],
        [Math.fround(mean), 1, 1, 0, 0],
        [1, 0, 0, 0, 1],
      ],
    );
  }));

test.run();
