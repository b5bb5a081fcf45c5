import { writeFile } from "node:fs/promises";
import path from "node:path";
import {
  Field,
  FixedSizeList,
  Float64,
  makeData,
  makeVector,
  Table as ArrowTable,
  tableToIPC,
  Vector,
} from "apache-arrow";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { assert, test } from "../../helpers/test.js";
import { inFolder } from "../../helpers/folder.js";
import {
  openShard,
  openSource,
  writeDataset,
  type ColumnScales,
} from "../../../src/storage/index.js";
import { openFile } from "../../../src/storage/format/open-file.js";
import { formatOf } from "../../../src/storage/reading/file-format.js";
import { openTableFile } from "../../../src/storage/reading/open-table-file.js";
import { runSql } from "../duck.js";
import { assertRejects } from "../folders.js";

/*
 * Floats that are stored one after the other are read straight from the file, whoever wrote it.
 * The expected values are those that the writer got.
 */

const ROWS = 5000;

/** What every file holds: columns a and b, and the target. */
const valueOf = {
  a: (row: number): number => row / 3,
  b: (row: number): number => 1 - row / 7,
  y: (row: number): number => row / 11,
};

/** Whether each group of a file is read without decoding. */
async function plainGroups(file: string): Promise<boolean[]> {
  const opened = openFile(file);
  try {
    const table = await openTableFile(opened, formatOf(opened) as "arrow" | "parquet");
    const reader = table.select([...table.columns().keys()]);
    return table.groups.map((_, group) => reader.plain(opened, group) !== undefined);
  } finally {
    opened.close();
  }
}

/** Rows first … first+rows−1 of a file's only shard. */
async function read<Numbers extends Float32Array | Float64Array>(
  file: string,
  target: { x: Numbers; y: Numbers },
  first = 0,
  standardize?: ColumnScales,
): Promise<{ x: Numbers; y: Numbers }> {
  const { shards } = await openSource(file);
  const reader = await openShard({ ...shards[0]!, ...(standardize && { standardize }) });
  await reader.read(first, target.y.length, target, 0);
  reader.close();
  return target;
}

function column(name: "a" | "b" | "y"): number[] {
  return Array.from({ length: ROWS }, (_, row) => valueOf[name](row));
}

const SQL = `select (i/3)::T as a, (1-i/7)::T as b, (i/11)::T as y from (select range::double as i from range(${ROWS}))`;

/** Writes the columns with pages of a few kilobytes. */
async function writePages(file: string, repetition: "REQUIRED" | "OPTIONAL"): Promise<void> {
  const names = ["a", "b", "y"] as const;
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    codec: "UNCOMPRESSED",
    schema: [
      { name: "root", num_children: 3 },
      ...names.map((name) => ({ name, type: "DOUBLE", repetition_type: repetition }) as const),
    ],
  });
  await parquet.write({
    columnData: names.map((name) => ({ name, data: column(name), encoding: "PLAIN" })),
    pageSize: 4096,
  });
  await parquet.finish();
  await writeFile(file, new Uint8Array(writer.getBuffer()));
}

/** Every file has the same rows, in other layouts and types. */
const FILES: Record<string, (file: string) => Promise<unknown>> = {
  "float.parquet": (file) =>
    runSql(
      `copy (${SQL.replaceAll("T", "float")}) to '${file}' (compression uncompressed, row_group_size 2048)`,
    ),
  "double.parquet": (file) =>
    runSql(`copy (${SQL.replaceAll("T", "double")}) to '${file}' (compression uncompressed)`),
  "required pages.parquet": (file) => writePages(file, "REQUIRED"),
  "optional pages.parquet": (file) => writePages(file, "OPTIONAL"),
  "float.arrow": (file) => {
    const columns = (["a", "b", "y"] as const).map(
      (name) => [name, makeVector(Float32Array.from(column(name)))] as const,
    );
    return writeFile(file, tableToIPC(new ArrowTable(Object.fromEntries(columns)), "file"));
  },
  "mixed.arrow": (file) => {
    const columns = {
      a: makeVector(Float64Array.from(column("a"))),
      b: makeVector(Float32Array.from(column("b"))),
      y: makeVector(Float64Array.from(column("y"))),
    };
    return writeFile(file, tableToIPC(new ArrowTable(columns), "file"));
  },
  "list.arrow": (file) => {
    const items = Float64Array.from({ length: 2 * ROWS }, (_, index) =>
      valueOf[index % 2 === 0 ? "a" : "b"](index >> 1),
    );
    const list = makeData({
      type: new FixedSizeList(2, new Field("item", new Float64(), false)),
      length: ROWS,
      nullCount: 0,
      child: makeData({ type: new Float64(), length: 2 * ROWS, data: items }),
    });
    const columns = {
      x: new Vector([list]),
      y: makeVector(Float64Array.from(column("y"))),
    };
    return writeFile(file, tableToIPC(new ArrowTable(columns), "file"));
  },
};

for (const [name, write] of Object.entries(FILES)) {
  test(
    `${name} is read without decoding: any rows, in float32 and float64, standardised or not`,
    inFolder(async (folder) => {
      const file = path.join(folder, name);
      await write(file);
      assert.ok((await plainGroups(file)).every(Boolean));
      // What the file holds: float32 columns have rounded values.
      const isFloat = (key: string): boolean =>
        name.startsWith("float") || (name.startsWith("mixed") && key === "b");
      const stored = (key: "a" | "b" | "y", row: number): number =>
        isFloat(key) ? Math.fround(valueOf[key](row)) : valueOf[key](row);
      const standardize = { mean: [100, -50, 7], scale: [3, 0.7, 11] };
      for (const [first, rows] of [
        [0, ROWS],
        [1, 1],
        [ROWS - 1, 1],
        [500, 2500],
      ] as const) {
        for (const Numbers of [Float32Array, Float64Array]) {
          for (const how of [undefined, standardize]) {
            const target = { x: new Numbers(2 * rows), y: new Numbers(rows) };
            await read<Float32Array | Float64Array>(file, target, first, how);
            const expected = (key: "a" | "b" | "y", row: number): number => {
              const at = ["a", "b", "y"].indexOf(key);
              const value = stored(key, first + row);
              return how === undefined ? value : (value - how.mean[at]!) / how.scale[at]!;
            };
            const wanted = { x: new Numbers(2 * rows), y: new Numbers(rows) };
            for (let row = 0; row < rows; row++) {
              wanted.x.set([expected("a", row), expected("b", row)], 2 * row);
              wanted.y[row] = expected("y", row);
            }
            assert.equal(target, wanted);
          }
        }
      }
    }),
  );
}

test(
  "vadi's shards are read without decoding unless they are compressed",
  inFolder(async (folder) => {
    for (const [format, compression, isPlain] of [
      ["arrow", "none", true],
      ["parquet", "none", true],
      ["parquet", "snappy", false],
    ] as const) {
      const out = path.join(folder, `${format} ${compression}`);
      await writeDataset({ kind: "lsm", out, rows: 70_000, features: 3, format, compression });
      const groups = await plainGroups(path.join(out, `shard-00000.${format}`));
      assert.equal(groups, [isPlain, isPlain]);
    }
  }),
);

test(
  "missing values are found although the other groups need no decoding",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    const rows = SQL.replaceAll("T", "double").replace(
      "(i/3)::double",
      "case when i = 3000 then null else i/3 end",
    );
    await runSql(`copy (${rows}) to '${file}' (compression uncompressed, row_group_size 2048)`);
    assert.equal(await plainGroups(file), [true, false, true]);
    const target = { x: new Float64Array(2 * ROWS), y: new Float64Array(ROWS) };
    await assertRejects(
      read(file, target),
      "failed",
      /^Column a of .* is missing \(null\) in row 3001 \(counted from 1\); drop such rows/,
    );
    const { rows: kept, shards } = await openSource(file, { invalid: "drop" });
    assert.is(kept, ROWS - 1);
    const reader = await openShard(shards[0]!);
    await reader.read(0, kept, target, 0);
    reader.close();
    assert.equal(target.y.subarray(0, kept), Float64Array.from(column("y").toSpliced(3000, 1)));
  }),
);

test(
  "invalid floats that need no decoding are an error that names column and row",
  inFolder(async (folder) => {
    const cases = [
      ["a", 1234, NaN, "not a number"],
      ["b", 0, -Infinity, "-Infinity"],
      ["b", 4999, 2 ** 128, "3\\.402\\d*e\\+38, too large for float32"],
      ["y", 77, Infinity, "Infinity"],
    ] as const;
    for (const [index, [key, row, value, message]] of cases.entries()) {
      const file = path.join(folder, `${index}.arrow`);
      const columns = (["a", "b", "y"] as const).map((name) => {
        const values = Float64Array.from(column(name));
        if (name === key) values[row] = value;
        return [name, makeVector(values)] as const;
      });
      await writeFile(file, tableToIPC(new ArrowTable(Object.fromEntries(columns)), "file"));
      assert.equal(await plainGroups(file), [true]);
      for (const Numbers of [Float32Array, Float64Array]) {
        const target = { x: new Numbers(2 * ROWS), y: new Numbers(ROWS) };
        await assertRejects(
          read<Float32Array | Float64Array>(file, target),
          "failed",
          new RegExp(`^Column ${key} of .* is ${message} in row ${row + 1} \\(counted from 1\\);`),
        );
      }
    }
  }),
);

test.run();
