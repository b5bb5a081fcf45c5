import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describeTable, planConversion } from "../../../src/index.js";
import { assert, test } from "../../helpers/test.js";
import { inFolder } from "../../helpers/folder.js";
import { messageOf } from "../../helpers/message-of.js";
import { runSql } from "../duck.js";

const ROWS = 3000;
const PAYMENTS = ["card", "cash", "voucher"];

/** What the tests compute by themselves. */
interface Trip {
  pickup: string;
  km: number;
  payment: string | null;
  vendor: number;
  tip: number | null;
  note: string;
  fare: number;
}

function trips(): Trip[] {
  return Array.from({ length: ROWS }, (_, row) => ({
    pickup: new Date(Date.UTC(2024, 0, 1 + (row % 90), row % 24, 7)).toISOString().slice(0, 19),
    km: ((row * 37) % 1001) / 10,
    payment: row % 50 === 0 ? null : PAYMENTS[(row * row) % 3]!,
    vendor: [1, 2, 6][row % 3]!,
    tip: row % 10 === 0 ? null : (row % 11) / 2,
    note: `n${row}`,
    fare: ((row * 13) % 997) - 3,
  }));
}

function csvOf(rows: readonly Trip[]): string {
  const names = Object.keys(rows[0]!);
  const lines = rows.map((row) => Object.values(row).join(","));
  return [names.join(","), ...lines].join("\n");
}

test(
  "all columns of a table are described as plain code finds them",
  inFolder(async (folder) => {
    const rows = trips();
    const file = path.join(folder, "trips.csv");
    await writeFile(file, csvOf(rows));
    const described = await describeTable(file);
    assert.is(described.rows, ROWS);
    assert.is(described.format, "csv");
    for (const column of described.columns) {
      const values = rows.map((row) => row[column.name as keyof Trip]);
      const present = values.filter((value) => value !== null);
      assert.is(column.missing, ROWS - present.length, column.name);
      assert.is(column.isDistinctExact, true);
      assert.is(column.distinct, new Set(present).size, column.name);
      const shown = (value: unknown): unknown =>
        column.kind === "date" ? String(value).replace(" ", "T") : value;
      const sorted = present.toSorted((a, b) => (a < b ? -1 : 1));
      assert.is(shown(column.least), sorted[0], column.name);
      assert.is(shown(column.largest), sorted.at(-1), column.name);
    }
    const kinds = described.columns.map(({ name, kind }) => `${name} ${kind}`);
    assert.equal(kinds, [
      "pickup date",
      "km number",
      "payment text",
      "vendor number",
      "tip number",
      "note text",
      "fare number",
    ]);
  }),
);

test(
  "what an option makes of a column is what convert makes of it",
  inFolder(async (folder) => {
    const file = path.join(folder, "trips.csv");
    await writeFile(file, csvOf(trips()));
    const { columns } = await describeTable(file);
    let compared = 0;
    for (const { name, options, becomes, missing } of columns) {
      if (name === "fare") continue;
      const features = [name, ...(name === "km" ? [] : ["km"])];
      for (const [option, expected] of Object.entries(options)) {
        const given = {
          log: [name],
          categorical: [name],
          dates: [name],
          clip: 0.01,
          impute: "mean",
        };
        const plan = await planConversion(file, {
          target: "fare",
          features,
          [option]: given[option as keyof typeof given],
        });
        const found = plan.columns.features.filter((one) => name === "km" || one !== "km");
        assert.equal(found, expected, `${name} ${option}`);
        compared++;
      }
      if (becomes.length === 0 || missing > 0) continue;
      const plan = await planConversion(file, { target: "fare", features });
      assert.ok(plan.columns.features.includes(name));
    }
    assert.is(compared, 10);
    const fare = columns.find(({ name }) => name === "fare");
    assert.is(fare?.options.log, undefined, "−3 has no logarithm");
    const note = columns.find(({ name }) => name === "note");
    assert.equal(note?.options, {}, "3000 texts are no categories");
  }),
);

test(
  "Parquet, Arrow, JSON and a database are described alike; texts of dates are dates",
  inFolder(async (folder) => {
    const table = `select i as code, 'v' || (i % 7) as text, '2024-05-' || lpad((1 + i % 28)::varchar, 2, '0') as day,
      case when i % 4 = 0 then 'nan'::double else i / 3 end as x, i % 2 = 0 as flag, [i] as list from range(800) t(i)`;
    const database = path.join(folder, "t.duckdb");
    await runSql(
      `copy (${table}) to '${folder}/t.parquet'; copy (${table}) to '${folder}/t.json'; attach '${database}' as d; create table d.t as ${table}; detach d`,
    );
    const [parquet, json, duckdb] = await Promise.all(
      ["t.parquet", "t.json", "t.duckdb#t"].map((name) => describeTable(path.join(folder, name))),
    );
    assert.equal(duckdb!.columns, parquet!.columns);
    const by = new Map(parquet!.columns.map((column) => [column.name, column]));
    assert.is(by.get("x")!.missing, 200);
    assert.is(by.get("flag")!.distinct, 2);
    assert.equal(by.get("flag")!.options, {});
    assert.is(by.get("list")!.kind, "other");
    assert.is(by.get("text")!.options.categorical?.length, 8);
    assert.is(by.get("day")!.kind, "text");
    assert.is(by.get("day")!.options.dates?.[0], "day_year");
    assert.is(json!.columns.find(({ name }) => name === "day")!.kind, "date");
    assert.match(
      await messageOf(describeTable(`${database}#none`)),
      /has no table none: it has t\./,
    );
  }),
);

test(
  "a column of a hundred thousand values is estimated, in bounded memory",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(`copy (select i as id, i % 3 as y from range(100000) t(i)) to '${file}'`);
    const { columns } = await describeTable(file);
    const [id, y] = columns;
    assert.is(id!.isDistinctExact, false);
    assert.ok(id!.distinct > 50_000 && id!.distinct <= 100_000, `${id!.distinct}`);
    assert.is(y!.isDistinctExact, true);
    assert.is(id!.options.categorical, undefined);
  }),
);

test.run();
