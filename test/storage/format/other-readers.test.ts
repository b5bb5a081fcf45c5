import { readFileSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { assert, test } from "../../helpers/test.js";
import { VERSION } from "../../../src/common/version.js";
import { createRowMaker } from "../../../src/generate/index.js";
import { openShard, writeDataset } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";

/* The shards as other programs see them. */

const FEATURES = 4;
const ROWS = 150_000;
const SPEC = { kind: "lsm", features: FEATURES, noise: 0.1, seed: 42 } as const;
const expected = createRowMaker(SPEC, ROWS).make(0, ROWS);

/** A value of a column of the expected rows: the features, and then the target. */
const valueAt = (row: number, column: number): number =>
  column === FEATURES ? expected.y[row]! : expected.x[row * FEATURES + column]!;

function columnValues(column: number): Float64Array {
  return new Float64Array(ROWS).map((_, row) => valueAt(row, column));
}

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

type Rows = Record<string, unknown>[];

async function query(sql: string): Promise<Rows> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const NAMES = ["x0", "x1", "x2", "x3", "y"];

for (const compression of ["none", "snappy", "zstd"] as const) {
  test(
    `DuckDB reads Parquet shards (${compression}): rows, values, means, covariances, metadata`,
    inFolder(async (folder) => {
      const out = path.join(folder, "it's data");
      const format = "parquet";
      await writeDataset({ ...SPEC, out, rows: ROWS, shardRows: 70_000, format, compression });
      const files = `'${out.replaceAll("'", "''")}/*.parquet'`;

      const pairs = NAMES.flatMap((a, i) => NAMES.slice(i).map((b) => [a, b] as const));
      const [facts] = await query(
        `select count(*) as rows,
          ${NAMES.map((name) => `avg(${name}::double) as "avg ${name}"`).join()},
          ${pairs.map(([a, b]) => `covar_samp(${a}::double, ${b}::double) as "${a} ${b}"`).join()}
        from read_parquet(${files})`,
      );
      assert.is(Number(facts!["rows"]), ROWS);
      const columns = NAMES.map((_, column) => columnValues(column));
      const means = columns.map(mean);
      for (const [column, name] of NAMES.entries()) {
        assert.ok(Math.abs(Number(facts![`avg ${name}`]) - means[column]!) < 1e-12);
      }
      for (const [a, b] of pairs) {
        const [i, j] = [NAMES.indexOf(a), NAMES.indexOf(b)];
        let sum = 0;
        for (let row = 0; row < ROWS; row++) {
          sum += (columns[i]![row]! - means[i]!) * (columns[j]![row]! - means[j]!);
        }
        assert.ok(Math.abs(Number(facts![`${a} ${b}`]) - sum / (ROWS - 1)) < 1e-10);
      }

      // Single rows, around the ends of row groups and shards.
      const wanted = [0, 1, 65_535, 65_536, 69_999, 70_000, 139_999, 140_000, 149_999];
      const rows = await query(
        `select row_number() over (order by filename, file_row_number) - 1 as number, *
        from read_parquet(${files}, filename = true, file_row_number = true)
        qualify number in (${wanted.join()}) order by number`,
      );
      assert.equal(
        rows.map((row) => NAMES.map((name) => row[name])),
        wanted.map((row) => NAMES.map((_, column) => valueAt(row, column))),
      );

      const schema = await query(
        `select name, type, repetition_type from parquet_schema('${out.replaceAll("'", "''")}/shard-00000.parquet')`,
      );
      assert.equal(
        schema.slice(1),
        NAMES.map((name) => ({ name, type: "FLOAT", repetition_type: "REQUIRED" })),
      );

      // Statistics of row groups are those of the rows in them.
      const groups = await query(
        `select file_name, row_group_id, row_group_num_rows, path_in_schema, stats_min_value,
          stats_max_value, stats_null_count, compression, encodings
        from parquet_metadata(${files}) order by file_name, row_group_id, column_id`,
      );
      assert.is(groups.length, 5 * NAMES.length);
      const first = [0, 65_536, 70_000, 135_536, 140_000];
      for (const [index, group] of groups.entries()) {
        const from = first[Math.floor(index / NAMES.length)]!;
        const count = Number(group["row_group_num_rows"]);
        const column = NAMES.indexOf(String(group["path_in_schema"]));
        const values = columns[column]!.subarray(from, from + count);
        assert.is(Math.fround(Number(group["stats_min_value"])), values.toSorted()[0]);
        assert.is(Math.fround(Number(group["stats_max_value"])), values.toSorted().at(-1));
        assert.is(Number(group["stats_null_count"]), 0);
        assert.is(
          group["compression"],
          compression === "none" ? "UNCOMPRESSED" : compression.toUpperCase(),
        );
        assert.is(group["encodings"], "PLAIN");
      }

      const pairsOf = await query(
        `select file_name, key::varchar as key, value::varchar as value
        from parquet_kv_metadata(${files}) order by file_name`,
      );
      const second = pairsOf.filter((pair) => String(pair["file_name"]).endsWith("00001.parquet"));
      assert.equal(
        Object.fromEntries(second.map(({ key, value }) => [String(key), value])),
        metadata(70_000),
      );
      const [creator] = await query(`select created_by from parquet_file_metadata(${files})`);
      assert.is(creator!["created_by"], `vadi ${VERSION}`);
    }),
  );
}

function metadata(firstRow: number): Record<string, string> {
  return {
    "vadi.kind": "lsm",
    "vadi.features": "4",
    "vadi.noise": "0.1",
    "vadi.seed": "42",
    "vadi.firstRow": String(firstRow),
    "vadi.generator": `vadi ${VERSION}`,
  };
}

test(
  "apache-arrow reads Arrow shards: schema, metadata, record batches, values",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ ...SPEC, out, rows: ROWS, shardRows: 70_000 });
    let firstRow = 0;
    for (const rows of [70_000, 70_000, 10_000]) {
      const shard = `shard-0000${firstRow / 70_000}.arrow`;
      const table = tableFromIPC(readFileSync(path.join(out, shard)));
      assert.is(table.numRows, rows);
      assert.equal(
        table.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable]),
        [
          ["x", "FixedSizeList[4]<Float32>", false],
          ["y", "Float32", false],
        ],
      );
      assert.equal(Object.fromEntries(table.schema.metadata), metadata(firstRow));
      assert.equal(
        table.batches.map((batch) => batch.numRows),
        rows === 70_000 ? [65_536, 4464] : [10_000],
      );
      let row = firstRow;
      for (const batch of table.batches) {
        const x = batch.getChild("x")!.data[0]!.children[0]!.values as Float32Array;
        const y = batch.getChild("y")!.data[0]!.values as Float32Array;
        const count = batch.numRows;
        assert.equal(x.subarray(0, count * 4), expected.x.slice(row * 4, (row + count) * 4));
        assert.equal(y.subarray(0, count), expected.y.slice(row, row + count));
        row += count;
      }
      assert.equal(
        [...(table.getChild("x")!.get(rows - 1) as Iterable<number>)],
        Array.from(expected.x.subarray((row - 1) * 4, row * 4)),
      );
      firstRow += rows;
    }
  }),
);

test(
  "the maxima stand in the metadata of two-layer-sigmoid shards",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    const spec = { kind: "two-layer-sigmoid", out, rows: 200, features: 2 } as const;
    const { manifest } = await writeDataset(spec);
    assert.ok(manifest.kind === "two-layer-sigmoid");
    const table = tableFromIPC(readFileSync(path.join(out, "shard-00000.arrow")));
    assert.is(table.schema.metadata.get("vadi.maxima"), JSON.stringify(manifest.constants.maxima));
    assert.is(table.schema.metadata.get("vadi.kind"), "two-layer-sigmoid");
  }),
);

test(
  "any rows of a shard are read, across record batches and row groups",
  inFolder(async (folder) => {
    for (const file of [
      { format: "arrow", compression: "none" },
      { format: "parquet", compression: "none" },
      { format: "parquet", compression: "snappy" },
    ] as const) {
      const out = path.join(folder, `${file.format}${file.compression}`);
      const { manifest } = await writeDataset({ ...SPEC, ...file, out, rows: ROWS });
      const reader = await openShard({
        file: path.join(out, manifest.shards[0]!.file),
        format: file.format,
        rows: ROWS,
        features: FEATURES,
      });
      for (const [first, rows] of [
        [0, 1],
        [65_535, 2],
        [65_530, 70_000],
        [131_072, 1],
        [149_999, 1],
      ] as const) {
        // Rows before and behind the wanted ones stay as they are.
        const x = new Float32Array((rows + 2) * FEATURES).fill(7);
        const y = new Float32Array(rows + 2).fill(7);
        await reader.read(first, rows, { x, y }, 1);
        assert.equal(
          x.slice(FEATURES, -FEATURES),
          expected.x.slice(first * FEATURES, (first + rows) * FEATURES),
        );
        assert.equal(y.slice(1, -1), expected.y.slice(first, first + rows));
        for (const end of [x.slice(0, FEATURES), x.slice(-FEATURES), y.slice(0, 1), y.slice(-1)]) {
          assert.ok(end.every((value) => value === 7));
        }
      }
      reader.close();
    }
  }),
);

test.run();
