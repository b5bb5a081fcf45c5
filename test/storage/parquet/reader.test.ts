import path from "node:path";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { rowsOf } from "../rows-of.js";

const ROWS = 5000;
const SQL = `select i::tinyint as small, i::integer as i, (i*i)::bigint as big, (i/3.0)::double as d,
  (i%10/10.0)::float as f, (i%4)::usmallint as u, (i/8.0)::decimal(9,3) as money,
  'n' || i as name, i%2=0 as flag, (i%7)::double as y from (select range%100 as i from range(${ROWS}))`;
const FEATURES = ["small", "i", "big", "d", "f", "u", "money", "flag"];

function expectedRow(row: number): number[] {
  const i = row % 100;
  return [
    i,
    i,
    i * i,
    Math.fround(i / 3),
    Math.fround((i % 10) / 10),
    i % 4,
    i / 8,
    i % 2 === 0 ? 1 : 0,
  ];
}

for (const settings of [
  "compression uncompressed",
  "compression snappy",
  "compression zstd, row_group_size 2048",
  "compression gzip",
  "compression brotli",
  "compression lz4_raw",
  "compression snappy, parquet_version v2, row_group_size 2048",
]) {
  test(
    `Parquet of DuckDB, ${settings}: all number types, dictionaries too`,
    inFolder(async (folder) => {
      const file = path.join(folder, "t.parquet");
      await runSql(`copy (${SQL}) to '${file}' (format parquet, ${settings})`);
      const { x, y, features, warnings } = await rowsOf(file);
      assert.equal(features, FEATURES);
      const expected = Array.from({ length: ROWS }, (_, row) => expectedRow(row));
      assert.equal(x, expected.flat());
      assert.equal(
        y,
        Array.from({ length: ROWS }, (_, row) => (row % 100) % 7),
      );
      assert.equal(warnings, ["Left out because they are not numeric: name."]);
    }),
  );
}

test.run();
