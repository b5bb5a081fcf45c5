import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  Bool,
  Field,
  FixedSizeList,
  Float16,
  Float64,
  Int32,
  Int64,
  makeBuilder,
  makeData,
  makeVector,
  Table as ArrowTable,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
  Vector,
} from "apache-arrow";
import { assert, test } from "../helpers/test.js";
import { openTableFile } from "../../src/storage/reading/open-table-file.js";
import {
  openShard,
  openSource,
  writeDataset,
  type SourceOptions,
} from "../../src/storage/index.js";
import { openFile } from "../../src/storage/format/open-file.js";
import { inFolder } from "../helpers/folder.js";
import { runSql } from "./duck.js";
import { assertRejects } from "./folders.js";

/** All rows of a table, read in pieces that fall together with nothing. */
async function rowsOf(
  source: string | string[],
  options: SourceOptions = {},
): Promise<{ x: number[]; y: number[]; features: string[]; warnings: string[] }> {
  const table = await openSource(source, options);
  const x = new Float32Array(table.rows * table.features);
  const y = new Float32Array(table.rows);
  let at = 0;
  for (const shard of table.shards) {
    const reader = await openShard(shard);
    for (let first = 0; first < reader.rows; first += 1013) {
      const rows = Math.min(1013, reader.rows - first);
      await reader.read(first, rows, { x, y }, at);
      at += rows;
    }
    reader.close();
  }
  assert.is(at, table.rows);
  const { columns, warnings } = table;
  return { x: [...x], y: [...y], features: columns.features, warnings };
}

const ROWS = 5000;
const SQL = `select i::tinyint as small, i::integer as i, (i*i)::bigint as big, (i/3.0)::double as d,
  (i%10/10.0)::float as f, (i%4)::usmallint as u, (i/8.0)::decimal(9,3) as money,
  'n' || i as name, i%2=0 as flag, (i%7)::double as y from (select range%100 as i from range(${ROWS}))`;
const FEATURES = ["small", "i", "big", "d", "f", "u", "money"];

function expectedRow(row: number): number[] {
  const i = row % 100;
  return [i, i, i * i, Math.fround(i / 3), Math.fround((i % 10) / 10), i % 4, i / 8];
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
      assert.equal(warnings, ["Left out, as not numeric: name, flag."]);
    }),
  );
}

const NULLS = `select i::integer as a, case when i in (3, 2500) then null else i::double end as b,
  case when i = 7 then 'nan'::double when i = 8 then 1e300 when i = 9 then '-inf'::double else 1 end as c,
  i::float as y from range(4000) t(i)`;

test(
  "invalid values are an error that names file, column and row, or their rows are dropped and counted",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    const csv = path.join(folder, "t.csv");
    await runSql(
      `copy (${NULLS}) to '${file}' (format parquet, row_group_size 2048)`,
      `copy (${NULLS}) to '${csv}' (header)`,
    );
    const cases = [
      [file, "b", "missing \\(null\\) in row 3 \\(counted from 0\\)"],
      [file, "c", "not a number in row 7 \\(counted from 0\\)"],
      [csv, "b", "missing \\(empty\\) in line 5"],
      [csv, "c", '"nan", not a number in line 9'],
    ] as const;
    for (const [source, column, where] of cases) {
      const pattern = new RegExp(`^Column ${column} of ${source} is ${where}; drop such rows`);
      await assertRejects(rowsOf(source, { features: [column] }), "failed", pattern);
    }
    for (const source of [file, csv]) {
      const dropped = await rowsOf(source, { invalid: "drop" });
      const kept = Array.from({ length: 4000 }, (_, row) => row).filter(
        (row) => ![3, 7, 8, 9, 2500].includes(row),
      );
      assert.equal(dropped.y, kept);
      assert.equal(
        dropped.x,
        kept.flatMap((row) => [row, row, 1]),
      );
      assert.equal(dropped.warnings, ["5 of 4000 rows have invalid values and were dropped."]);
      // Rows are dropped only for the columns that are read.
      assert.is((await rowsOf(source, { invalid: "drop", features: ["b"] })).y.length, 3998);
      const table = await openSource(source, { invalid: "drop" });
      assert.is(table.manifest.kind === "foreign" && table.manifest.dropped, 5);
    }
  }),
);

test(
  "overflow of float32 is invalid, and so says the error",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select 3.4028235677973362e38::double as a, 3.4028235677973366e38::double as b, 1 as y) to '${file}'`,
    );
    assert.equal((await rowsOf(file, { features: ["a"] })).x, [3.4028234663852886e38]);
    await assertRejects(rowsOf(file), "failed", /Column b .* too large for float32 in row 0/);
  }),
);

test(
  "integers that float32 has not are warned of with their number, exact ones are not",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select (16777216 + i)::bigint as a, i * 2 as b, i as y from range(10) t(i)) to '${file}'`,
    );
    const { warnings } = await rowsOf(file);
    assert.equal(warnings, ["Column a has 5 whole numbers that float32 rounds, such as 16777217."]);
  }),
);

/** A table of all sorts of Arrow columns. */
function arrowTable(rows: number): ArrowTable {
  const values = Float64Array.from({ length: rows * 2 }, (_, index) => index / 4);
  const list = new Vector([
    makeData({
      type: new FixedSizeList(2, new Field("item", new Float64(), false)),
      length: rows,
      nullCount: 0,
      child: makeData({ type: new Float64(), length: rows * 2, data: values }),
    }),
  ]);
  const half = makeBuilder({ type: new Float16() });
  for (let row = 0; row < rows; row++) half.append(row % 3 === 0 ? 0.5 : -2);
  return new ArrowTable({
    name: vectorFromArray(
      Array.from({ length: rows }, (_, row) => `n${row}`),
      new Utf8(),
    ),
    flag: vectorFromArray(
      Array.from({ length: rows }, (_, row) => row % 2 === 0),
      new Bool(),
    ),
    list,
    i: vectorFromArray(
      Array.from({ length: rows }, (_, row) => -row),
      new Int32(),
    ),
    big: vectorFromArray(
      Array.from({ length: rows }, (_, row) => BigInt(row)),
      new Int64(),
    ),
    h: half.finish().toVector(),
    u: makeVector(Uint8Array.from({ length: rows }, (_, row) => row % 256)),
    gaps: vectorFromArray(
      Array.from({ length: rows }, (_, row) => (row === 13 ? null : row)),
      new Float64(),
    ),
    y: makeVector(Float32Array.from({ length: rows }, (_, row) => row / 2)),
  });
}

test(
  "Arrow files of apache-arrow: all number types, fixed-size lists, missing values",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.arrow");
    await writeFile(file, tableToIPC(arrowTable(3000), "file"));
    const features = ["list0", "list1", "i", "big", "h", "u"];
    const all = await openSource(file, { invalid: "drop" });
    assert.equal(all.columns.features, [...features, "gaps"]);
    assert.equal(all.warnings, [
      "Left out, as not numeric: name, flag.",
      "1 of 3000 rows have invalid values and were dropped.",
    ]);
    const { x, y } = await rowsOf(file, { features });
    const expected = Array.from({ length: 3000 }, (_, row) => [
      row / 2,
      row / 2 + 0.25,
      -row,
      row,
      row % 3 === 0 ? 0.5 : -2,
      row % 256,
    ]);
    assert.equal(
      x,
      expected.flat().map((value) => (value === 0 ? 0 : value)),
    );
    assert.equal(
      y,
      Array.from({ length: 3000 }, (_, row) => row / 2),
    );
    await assertRejects(rowsOf(file), "failed", /Column gaps .* missing \(null\) in row 13 /);
    const dropped = await rowsOf(file, { features: ["gaps"], invalid: "drop" });
    assert.equal(
      dropped.x,
      Array.from({ length: 3000 }, (_, row) => row).filter((row) => row !== 13),
    );
  }),
);

test(
  "CSV: quoted fields with delimiters, quotes and lines, CRLF, a byte order mark, semicolons",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const text = '\ufeffa;"the; y";note\r\n1;2;"x;\r\n""q"""\r\n\r\n" 3 ";4e-1;\r\n-.5;+1.25E2;z';
    await writeFile(file, text);
    const { x, y, features } = await rowsOf(file, { target: "the; y" });
    assert.equal(features, ["a"]);
    assert.equal(x, [1, 3, -0.5]);
    assert.equal(y, [2, Math.fround(0.4), 125]);
    // A text where a number is wanted: the line in which its record starts.
    await writeFile(file, 'a,y\n"1",2\n"3\n",4\n0x10,5\n');
    await assertRejects(rowsOf(file), "failed", /Column a .* "0x10", not a number in line 5;/);
    await writeFile(file, "a,y\n1,2\n1,2,3\n");
    await assertRejects(rowsOf(file), "failed", /has 3 fields in line 3, but its header has 2/);
    await writeFile(file, 'a,y\n1,2\n"1,2\n');
    await assertRejects(rowsOf(file), "failed", /ends within a quoted field that starts in line 3/);
    await writeFile(file, "1,2\n3,4\n");
    await assertRejects(rowsOf(file), "failed", /has no header line/);
    await writeFile(file, "");
    await assertRejects(rowsOf(file), "failed", /is empty; a CSV file needs a header line/);
  }),
);

test(
  "a large CSV is cut into pieces of whole records, whose lines are counted on",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const lines = Array.from({ length: 120_000 }, (_, row) => `${row},"a ""b""\n",${row % 9}`);
    await writeFile(file, `a,note,y\n${lines.join("\n")}\n`);
    const { x, y } = await rowsOf(file, { features: ["a"] });
    assert.is(
      x.findIndex((value, row) => value !== row),
      -1,
    );
    assert.is(y.length, 120_000);
    lines[100_000] = "oops,b,1";
    await writeFile(file, `a,note,y\n${lines.join("\n")}\n`);
    const pattern = /Column a .* is "oops", not a number in line 200002;/;
    await assertRejects(rowsOf(file, { features: ["a"] }), "failed", pattern);
  }),
);

test(
  "folders, patterns and lists of many small files, in the order of their names",
  inFolder(async (folder) => {
    await mkdir(path.join(folder, "part=1"));
    for (let file = 0; file < 20; file++) {
      const name = path.join(folder, file < 10 ? `f${file}.parquet` : `part=1/f${file}.parquet`);
      await runSql(
        `copy (select ${file} as a, i as y from range(${file === 5 ? 0 : 3}) t(i)) to '${name}'`,
      );
    }
    await writeFile(path.join(folder, "_SUCCESS"), "");
    await writeFile(path.join(folder, ".hidden.parquet"), "no");
    const whole = await rowsOf(folder);
    const files = Array.from({ length: 20 }, (_, file) => file).filter((file) => file !== 5);
    assert.equal(
      whole.x,
      files.flatMap((file) => [file, file, file]),
    );
    assert.equal((await rowsOf(path.join(folder, "f*.parquet"))).x.length, 27);
    assert.equal((await rowsOf(path.join(folder, "**/f1*.parquet"))).x.length, 33);
    const list = [path.join(folder, "f3.parquet"), path.join(folder, "f1.parquet")];
    assert.equal((await rowsOf(list)).x, [3, 3, 3, 1, 1, 1]);
    // The fingerprint is of names below the common folder, sizes and footers, in order.
    const [first, second] = await Promise.all([openSource(list), openSource(list.toReversed())]);
    const hash = createHash("sha256");
    for (const file of list) {
      const bytes = await readFile(file);
      const length = bytes.readUInt32LE(bytes.length - 8);
      const footer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
      const sha256 = createHash("sha256").update(footer).digest("hex");
      hash.update(`${JSON.stringify([path.basename(file), bytes.length, sha256])}\n`);
    }
    assert.is(first.fingerprint, hash.digest("hex"));
    assert.is.not(first.fingerprint, second.fingerprint);
    await assertRejects(openSource([list[0]!, list[0]!]), "usage", /is named twice/);
    await assertRejects(openSource(path.join(folder, "g*")), "failed", /^No file matches /);
    await runSql(`copy (select 1 as b, 1 as y) to '${path.join(folder, "g.parquet")}'`);
    await assertRejects(
      openSource(folder),
      "failed",
      /g\.parquet has no column a, which .*f0.parquet has/,
    );
    await symlink("/etc/hostname", path.join(folder, "l.parquet"));
    await assertRejects(openSource(folder), "failed", /l\.parquet is not a plain file/);
  }),
);

test(
  "targets and features that cannot be are named",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(`copy (select 1 as a, 2 as b, 'x' as s, [1] as list from range(3)) to '${file}'`);
    for (const [options, pattern] of [
      [{}, /has no column y; name the target with --target: it has a, b\./],
      [{ target: "z" }, /has no column z for --target: it has a, b\./],
      [{ target: "s" }, /Column s of .* is BYTE_ARRAY \(UTF8\), which is not numeric; .* --target/],
      [{ target: "a", features: ["list"] }, /Column list of .* is nested, which is not numeric/],
      [{ target: "a", features: ["a"] }, /Column a is the target and cannot be a feature/],
      [{ target: "a", features: ["b", "b"] }, /Column b is named twice in --features/],
      [{ target: "a", features: [] }, /^features must be names of columns/],
    ] as const) {
      await assertRejects(openSource(file, options), "usage", pattern);
    }
    const doubled = new ArrowTable({ a: makeVector(new Float32Array(1)) }).assign(
      new ArrowTable({ y: makeVector(new Float32Array(1)) }),
    );
    Object.assign(doubled.schema.fields[0]!, { name: "y" });
    await writeFile(path.join(folder, "t.arrow"), tableToIPC(doubled, "file"));
    const source = path.join(folder, "t.arrow");
    await assertRejects(
      openSource(source, { features: ["y"] }),
      "usage",
      /two columns y.*ambiguous/,
    );
  }),
);

test(
  "columns are read alone: 10 of 500 cost 10",
  inFolder(async (folder) => {
    const columns = Array.from({ length: 500 }, (_, column) => `random()::float as c${column}`);
    const parquet = path.join(folder, "t.parquet");
    await runSql(
      `copy (select ${columns.join(", ")} from range(4000)) to '${parquet}' (compression uncompressed)`,
    );
    const arrow = path.join(folder, "t.arrow");
    const arrays = Array.from({ length: 500 }, (_, column) => [
      `c${column}`,
      new Float32Array(4000),
    ]);
    const table = tableFromArrays(Object.fromEntries(arrays) as Record<string, Float32Array>);
    await writeFile(arrow, tableToIPC(table, "file"));
    for (const [file, format] of [
      [parquet, "parquet"],
      [arrow, "arrow"],
    ] as const) {
      const opened = openFile(file);
      let bytes = 0;
      const counting = {
        ...opened,
        read(position: number, length: number) {
          bytes += length;
          return opened.read(position, length);
        },
      };
      const foreign = await openTableFile(counting, format, undefined);
      const footer = bytes;
      const ten = Array.from({ length: 10 }, (_, index) => index * 37);
      await foreign.select(ten).decode(counting, 0, 0, foreign.groups[0]!);
      const values = 10 * foreign.groups[0]! * 4;
      // Headers of pages are looked for in pieces of 16 KiB; a batch's header tells of all columns.
      assert.ok(bytes - footer >= values, `${format} ${bytes - footer}`);
      assert.ok(bytes - footer < values + 10 * 20_000 + 30_000, `${format} ${bytes - footer}`);
      opened.close();
    }
  }),
);

test(
  "some columns of vadi's own datasets, in both formats",
  inFolder(async (folder) => {
    for (const format of ["arrow", "parquet"] as const) {
      const out = path.join(folder, format);
      await writeDataset({ kind: "lsm", out, rows: 3000, shardRows: 1000, features: 4, format });
      const whole = await rowsOf(out);
      const { x, y } = await rowsOf(out, { target: "x1", features: ["y", "x3"] });
      assert.equal(
        y,
        whole.x.filter((_, index) => index % 4 === 1),
      );
      assert.equal(
        x.filter((_, index) => index % 2 === 0),
        whole.y,
      );
      assert.equal(
        x.filter((_, index) => index % 2 === 1),
        whole.x.filter((_, index) => index % 4 === 3),
      );
      await assertRejects(
        rowsOf(out, { target: "z" }),
        "usage",
        /has no column z for --target: it has x0, x1/,
      );
      assert.equal((await rowsOf(path.join(out, `*.${format}`))).x, whole.x);
    }
  }),
);

test.run();
