import path from "node:path";
import { writeFile } from "node:fs/promises";
import { convert, planConversion } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { assertRejects, readRows } from "../folders.js";

/** The rows of a dataset by the names of its columns. */
async function columnsOf(out: string, names: readonly string[]): Promise<Record<string, number[]>> {
  const { x } = await readRows(out);
  const width = names.length;
  return Object.fromEntries(
    names.map((name, at) => [name, [...x].filter((_, index) => index % width === at)]),
  );
}

test(
  "categories, gaps, dates, logarithms and clipping become columns of numbers",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const lines = [
      "card,3,2024-03-01 10:30:00,9,7",
      "cash,,2024-03-02 00:00:00,0,8",
      "card,5,2025-12-31 23:00:00,1,9",
      ",4,2024-03-01 00:00:01,99,1",
      "rare,100,2024-03-04 05:00:00,3,2",
    ];
    await writeFile(file, `payment,km,pickup,tip,fare\n${lines.join("\n")}\n`);
    const out = path.join(folder, "out");
    const { manifest } = await convert(file, {
      out,
      target: "fare",
      categorical: ["payment"],
      categories: 2,
      impute: "median",
      dates: ["pickup"],
      log: ["tip"],
    });
    assert.ok(manifest.kind === "table");
    const columns = await columnsOf(out, manifest.columns.features);
    assert.equal(columns, {
      payment_card: [1, 0, 1, 0, 0],
      payment_cash: [0, 1, 0, 0, 0],
      payment_other: [0, 0, 0, 0, 1],
      payment_missing: [0, 0, 0, 1, 0],
      km: [3, 4.5, 5, 4, 100],
      km_missing: [0, 1, 0, 0, 0],
      pickup_year: [2024, 2024, 2025, 2024, 2024],
      pickup_month: [3, 3, 12, 3, 3],
      pickup_day_of_week: [5, 6, 3, 5, 1],
      pickup_hour: [10, 0, 23, 0, 5],
      pickup_seconds: [
        10.5 * 3600 - 1,
        86_399,
        (Date.UTC(2025, 11, 31, 23) - Date.UTC(2024, 2, 1, 0, 0, 1)) / 1000,
        0,
        3 * 86_400 + 5 * 3600 - 1,
      ].map(Math.fround),
      log_tip: [9, 0, 1, 99, 3].map((value) => Math.fround(Math.log(1 + value))),
    });
    assert.equal(manifest.source.learned?.["payment"], {
      missing: 1,
      categories: ["card", "cash"],
    });
    assert.equal(manifest.source.learned?.["km"], { missing: 1, fill: 4.5 });
  }),
);

test(
  "quantiles and means are those of the values",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select i as a, sin(i) * 1000 as b, i as y from range(10001) t(i)) to '${file}'`,
    );
    const [exact] = await runSql(
      `select quantile_cont(a, 0.01) as a1, quantile_cont(a, 0.99) as a2, quantile_cont(b, 0.01) as b1, avg(b) as mean from '${file}'`,
    );
    const { learned } = await planConversion(file, { clip: 0.01, impute: "mean" });
    assert.equal(learned["a"]?.clip, [exact?.["a1"], exact?.["a2"]]);
    const near = Number(exact?.["b1"]);
    assert.ok(Math.abs(learned["b"]!.clip![0] - near) < 1e-4 * Math.abs(near));
    assert.ok(Math.abs(Number(learned["b"]!.fill) - Number(exact?.["mean"])) < 1e-9);
    const out = path.join(folder, "out");
    await convert(file, { out, clip: 0.01 });
    const { x } = await readRows(out);
    assert.is(x[0], 100);
    assert.is(x[2 * 10_000], 9900);
  }),
);

test(
  "an option that does not fit its column is a usage error",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select i as id, 'u' || i as user, i as a, 1 as a_missing, null::int as empty, date '2024-01-01' as day, i as y from range(100001) t(i)) to '${file}'`,
    );
    const cases: readonly (readonly [object, "usage" | "failed", RegExp])[] = [
      [{ categorical: ["no"] }, "usage", /has no column no for categorical: it has id, user, a/],
      [{ dates: ["a"] }, "usage", /^Column a of \S+ is BIGINT, which dates cannot use/],
      [{ log: ["user"] }, "usage", /^Column user of \S+ is VARCHAR, which log cannot use/],
      [{ features: ["a", "y"] }, "usage", /^Column y is the target/],
      [{ features: ["day"] }, "usage", /^Column day of \S+ is DATE, .*name it in dates/],
      [{ features: ["user"] }, "usage", /^Column user of \S+ is VARCHAR, .*name it in categorical/],
      [{ categorical: ["user"] }, "failed", /^Column user has more than 100000 different values/],
      [{ impute: "mean" }, "failed", /^Column empty has no values at all/],
      [{ dates: ["user"] }, "failed", /^Column user has "u0", which is no date;/],
      [{ target: "day" }, "usage", /^Column day of \S+ is DATE, .*choose another target/],
    ];
    for (const [options, kind, says] of cases) {
      await assertRejects(planConversion(file, options), kind, says);
    }
    assert.match(
      (await planConversion(file, {})).warnings[0]!,
      /^Left out because they are not numeric: user, day\.$/,
    );
    const twice = path.join(folder, "twice.csv");
    await writeFile(twice, "a,a_missing,y\n1,0,1\n,1,2\n");
    await assertRejects(
      planConversion(twice, { impute: "zero" }),
      "usage",
      /^Two columns would be named a_missing/,
    );
  }),
);

test.run();
