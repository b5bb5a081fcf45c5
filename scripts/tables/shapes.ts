import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/*
 * Ten shapes of tables that people have: taxi trips, flights, house prices and so on. Their values are made by
 * formulas, so that how well a linear model can predict the target is known beforehand. Each shape is a file to
 * learn from and a file of new rows.
 */

/** A shape of table, and the options of `vadi convert` that make a dataset of it. */
export interface Shape {
  name: string;
  /** The file's name behind the shape's: `.csv.gz`. */
  ending: string;
  /** The table of a database. */
  table?: string;
  /** The columns, in SQL over the row i, with the macros u (0 … 1) and z (about normal) of i and a number. */
  columns: string;
  /** How DuckDB writes it. */
  copy?: string;
  /** The options of `vadi convert`. */
  convert: readonly string[];
  /** R² that a linear model reaches at least. */
  rSquared: number;
}

const card = "['card', 'cash', 'app', 'voucher'][1 + (u(i, 1) * 3.3)::int]";
const carrier = "'C' || (25 * u(i, 1) * u(i, 2))::int";

export const SHAPES: readonly Shape[] = [
  {
    name: "taxi",
    ending: ".parquet",
    columns: `round(20 * u(i, 0), 2) AS km, ${card} AS payment,
      TIMESTAMP '2024-01-01' + INTERVAL (i * 7) MINUTE AS pickup,
      CASE WHEN i % 97 = 0 THEN -5 ELSE 3 + 1.8 * round(20 * u(i, 0), 2) + CASE WHEN ${card} = 'card' THEN 2 ELSE 0 END + z(i, 3) END AS fare`,
    convert: [
      "--query",
      "SELECT km, payment = 'card' AS card, hour(pickup) AS hour, fare FROM source WHERE fare > 0",
      "--target",
      "fare",
    ],
    rSquared: 0.95,
  },
  {
    name: "flights",
    ending: ".csv.gz",
    columns: `${carrier} AS carrier, TIMESTAMP '2013-01-01 05:00:00' + INTERVAL (i * 9) MINUTE AS scheduled,
      CASE WHEN i % 31 = 4 THEN 'NA' ELSE (40 * u(i, 3) - 10)::int::text END AS departure_delay,
      (200 + 2500 * u(i, 4))::int AS distance,
      CASE WHEN i % 31 = 4 THEN 5 ELSE (40 * u(i, 3) - 10)::int END * 0.9 + (CASE WHEN ${carrier} = 'C0' THEN 12 ELSE 0 END) + 2 * z(i, 5) AS arrival_delay`,
    copy: "HEADER, COMPRESSION gzip",
    convert: "--target arrival_delay --categorical carrier --dates scheduled --impute median".split(
      " ",
    ),
    rSquared: 0.85,
  },
  {
    name: "houses",
    ending: ".csv",
    columns: `(40 + 200 * u(i, 0))::int AS area, 1 + (6 * u(i, 1))::int AS rooms,
      CASE WHEN i % 11 = 3 THEN NULL ELSE (3 * u(i, 2))::int END AS garage,
      ['gas', 'oil', 'wood'][1 + (2 * u(i, 3))::int] AS heating,
      90000 * ln(1 + (40 + 200 * u(i, 0))::int) + 9000 * rooms + CASE WHEN heating = 'gas' THEN 20000 ELSE 0 END + 9000 * z(i, 4) AS price`,
    copy: "HEADER",
    convert: "--target price --log area --categorical heating --impute mean".split(" "),
    rSquared: 0.85,
  },
  {
    name: "sensors",
    ending: ".csv",
    columns: `TIMESTAMP '2024-03-01' + INTERVAL (i * 10) SECOND AS time,
      CASE WHEN i % 13 = 1 THEN NULL ELSE round(20 + 5 * z(i, 0), 2) END AS temperature,
      CASE WHEN i % 17 = 2 THEN NULL ELSE round(50 + 20 * z(i, 1), 1) END AS humidity,
      round(3.3 + 0.1 * z(i, 2), 3) AS voltage,
      coalesce(temperature, 21) * 0.4 + coalesce(humidity, 48) * 0.1 - 4 * voltage + 0.3 * z(i, 3) AS reading`,
    copy: "HEADER",
    convert: "--target reading --dates time --impute median".split(" "),
    rSquared: 0.9,
  },
  {
    name: "credit",
    ending: ".csv",
    columns: `(10 + 90 * u(i, 0))::int * 1000 AS credit_limit, (21 + 50 * u(i, 1))::int AS age,
      ['school', 'university', 'graduate'][1 + (2 * u(i, 2))::int] AS education,
      greatest(0, (4 * u(i, 3) - 1)::int) AS months_late, 1000 * exp(z(i, 4)) AS bill,
      (0.2 * months_late + 0.3 * u(i, 5) > 0.35) AS defaulted`,
    copy: "HEADER",
    convert: "--target defaulted --categorical education --clip 0.001".split(" "),
    rSquared: 0.5,
  },
  {
    name: "events",
    ending: ".ndjson",
    columns: `{'age': (18 + 60 * u(i, 0))::int, 'country': ['de', 'tr', 'fr'][1 + (2 * u(i, 1))::int]} AS user,
      ['view', 'buy', 'search'][1 + (2 * u(i, 2))::int] AS kind, u(i, 3) < 0.9 AS ok,
      100 + 2 * (18 + 60 * u(i, 0))::int + CASE WHEN kind = 'buy' THEN 80 ELSE 0 END + CASE WHEN ok THEN 0 ELSE 150 END + 8 * z(i, 4) AS milliseconds`,
    copy: "FORMAT json",
    convert: [
      "--query",
      "SELECT user.age AS age, kind, ok, milliseconds FROM source",
      ..."--target milliseconds --categorical kind".split(" "),
    ],
    rSquared: 0.9,
  },
  {
    name: "energy",
    ending: ".csv",
    columns: `replace(round(5 + 30 * u(i, 0), 1)::text, '.', ',') AS temperatur,
      (1000 + 8000 * u(i, 1))::int AS n,
      left(n::text, 1) || '.' || right(n::text, 3) AS einwohner,
      replace(round(0.004 * n - 0.3 * round(5 + 30 * u(i, 0), 1) + z(i, 2), 3)::text, '.', ',') AS verbrauch`,
    copy: "HEADER, DELIMITER ';'",
    convert: "--target verbrauch --features temperatur,einwohner".split(" "),
    rSquared: 0.9,
  },
  {
    name: "measurements",
    ending: ".tsv.gz",
    columns: `z(i, 0) AS a, z(i, 1) AS b, z(i, 2) AS c, 2 * a - b + 0.5 * c + 0.3 * z(i, 3) AS y`,
    copy: "HEADER, DELIMITER '\\t', COMPRESSION gzip",
    convert: [],
    rSquared: 0.95,
  },
  {
    name: "wide",
    ending: ".parquet",
    columns: `${Array.from({ length: 100 }, (_, at) => `((100 * u(i, 0))::int % 100 = ${at}) AS is_${at}`).join(", ")},
      ((100 * u(i, 0))::int % 100 % 7)::double + 0.3 * z(i, 1) AS y`,
    convert: [],
    rSquared: 0.95,
  },
  {
    name: "shop",
    ending: ".duckdb",
    table: "sales",
    columns: `(1 + 9 * u(i, 0))::int AS pieces, round(5 + 20 * u(i, 1), 2)::decimal(8, 2) AS price,
      ['north', 'south', 'west'][1 + (2 * u(i, 2))::int] AS region, DATE '2024-01-01' + (i % 365)::int AS day,
      10 * pieces + 3 * price::double + CASE WHEN region = 'north' THEN 25 ELSE 0 END + 5 * z(i, 3) AS revenue`,
    convert: "--target revenue --categorical region --dates day".split(" "),
    rSquared: 0.9,
  },
];

/** The file of a shape's rows, as commands name it. */
export function sourceOf({ name, ending, table }: Shape, part: "known" | "new"): string {
  return `${name}-${part}${ending}${table === undefined ? "" : `#${table}`}`;
}

/** The commands that go from a shape's file to the loss on its new rows. */
export function commandsOf(shape: Shape): string[][] {
  const { name, convert } = shape;
  return [
    ["convert", sourceOf(shape, "known"), ...convert, "--out", `data/${name}`],
    [
      ..."train --optimizer closed-form --standardize --ridge 0.001".split(" "),
      `data/${name}`,
      "--out",
      `runs/${name}`,
    ],
    ["evaluate", `runs/${name}`, sourceOf(shape, "new")],
  ];
}

/** Writes both files of every shape into a folder. */
export async function makeShapes(folder: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run("CREATE MACRO u(i, k) AS (hash(i * 1000 + k) % 1000003) / 1000003.0");
  await connection.run(
    "CREATE MACRO z(i, k) AS 2 * (u(i, 10 * k + 101) + u(i, 10 * k + 102) + u(i, 10 * k + 103) - 1.5)",
  );
  try {
    for (const shape of SHAPES) {
      for (const part of ["known", "new"] as const) {
        const [first, count] = part === "known" ? [0, rows] : [rows, Math.ceil(rows / 4)];
        const file = path.join(folder, `${shape.name}-${part}${shape.ending}`);
        const query = `SELECT ${shape.columns} FROM range(${first}, ${first + count}) t(i)`;
        await rm(file, { force: true });
        if (shape.table === undefined) {
          // DuckDB takes the format from the last ending.
          const plain = path.join(folder, `${shape.name}-${part}`);
          const format = shape.ending === ".parquet" ? "FORMAT parquet" : shape.copy;
          const options = format?.startsWith("HEADER") ? `FORMAT csv, ${format}` : format;
          await connection.run(`COPY (${query}) TO '${plain}' (${options})`);
          await rename(plain, file);
        } else {
          await connection.run(`ATTACH '${file}' AS made`);
          await connection.run(`CREATE TABLE made.${shape.table} AS ${query}`);
          await connection.run("DETACH made");
        }
      }
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
