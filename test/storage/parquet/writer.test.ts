import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import parquet from "parquetjs-lite";
import { assert, test } from "../../helpers/test.js";
import { createParquetWriter } from "../../../src/storage/parquet/writer.js";
import { inFolder } from "../../helpers/folder.js";

/* The writer's files as independent readers see them; DuckDB reads whole datasets in formats.test. */

/** Row groups of x and y, the last of which may be shorter. */
type Group = { x: Float32Array; y: Float32Array };

function fileOf(
  features: number,
  groups: readonly Group[],
  metadata: [string, string][] = [],
): Buffer {
  const pieces: Uint8Array[] = [];
  const writer = createParquetWriter(features, metadata, "none", "vadi test", (bytes) => {
    pieces.push(bytes.slice());
  });
  for (const { x, y } of groups) writer.append(x, y, y.length);
  writer.finish();
  return Buffer.concat(pieces);
}

const exactBuffer = (file: Buffer): ArrayBuffer => new Uint8Array(file).buffer;

/** Numbers that say where they come from. */
function groupOf(features: number, rows: number, from: number): Group {
  return {
    x: Float32Array.from({ length: rows * features }, (_, index) => from + index),
    y: Float32Array.from({ length: rows }, (_, row) => -(from + row) - 0.5),
  };
}

test("hyparquet reads every width and length, also those that are no multiple of four", async () => {
  for (const features of [1, 2, 3, 4, 5, 8, 13, 17, 130]) {
    for (const rows of [1, 2, 3, 4, 5, 7, 64, 1003]) {
      const groups = [groupOf(features, rows, 0), groupOf(features, Math.min(rows, 3), 1e6)];
      const read = await parquetReadObjects({ file: exactBuffer(fileOf(features, groups)) });
      const expected = groups.flatMap(({ x, y }) =>
        Array.from(y, (target, row) => ({
          ...Object.fromEntries(
            Array.from({ length: features }, (_, feature) => [
              `x${feature}`,
              x[row * features + feature],
            ]),
          ),
          y: target,
        })),
      );
      assert.equal(read, expected, `${features} features, ${rows} rows`);
    }
  }
});

test("a row group that takes several pieces of the kernel's memory", async () => {
  const groups = [groupOf(3, 65_536, 0)];
  const read = await parquetReadObjects({
    file: exactBuffer(fileOf(3, groups)),
    columns: ["x1", "y"],
  });
  assert.is(read.length, 65_536);
  for (const [row, { x1, y }] of read.entries()) {
    if (x1 !== 3 * row + 1 || y !== -row - 0.5) assert.unreachable(`row ${row}: ${x1}, ${y}`);
  }
});

test("statistics leave NaN out, hold for zeros of either sign, and are missing where all is NaN", () => {
  const x = Float32Array.of(NaN, 0, NaN, -1, -0, NaN, 2.5, -0, NaN, Infinity, 0, NaN);
  const y = Float32Array.of(-Infinity, 3, NaN, 4);
  const { row_groups: groups } = parquetMetadata(exactBuffer(fileOf(3, [{ x, y }])));
  const found = groups[0]!.columns.map(({ meta_data: column }) => {
    const { min_value: least, max_value: most, null_count: missing } = column!.statistics!;
    assert.is(Number(missing), 0);
    return [least, most];
  });
  assert.equal(found, [
    [-1, Infinity],
    [-0, 0],
    [undefined, undefined],
    [-Infinity, 4],
  ]);
  assert.ok(Object.is(found[1]![0], -0) && Object.is(found[1]![1], 0));
});

test("a file without rows has its schema and metadata", async () => {
  const file = exactBuffer(
    fileOf(
      2,
      [],
      [
        ["vadi.kind", "lsm"],
        ["ключ", "谷"],
      ],
    ),
  );
  const metadata = parquetMetadata(file);
  assert.is(Number(metadata.num_rows), 0);
  assert.equal(metadata.row_groups, []);
  assert.equal(metadata.key_value_metadata, [
    { key: "vadi.kind", value: "lsm" },
    { key: "ключ", value: "谷" },
  ]);
  assert.is(metadata.created_by, "vadi test");
  assert.equal(await parquetReadObjects({ file }), []);
});

test(
  "parquetjs-lite, a reader of the format's first version, reads it",
  inFolder(async (folder) => {
    const file = path.join(folder, "rows.parquet");
    await writeFile(file, fileOf(2, [groupOf(2, 5, 0), groupOf(2, 2, 10)]));
    const reader = await parquet.ParquetReader.openFile(file);
    const cursor = reader.getCursor();
    const rows: unknown[] = [];
    for (let row = await cursor.next(); row; row = await cursor.next()) rows.push(row);
    await reader.close();
    assert.is(rows.length, 7);
    assert.equal(rows[4], { x0: 8, x1: 9, y: -4.5 });
    assert.equal(rows[6], { x0: 12, x1: 13, y: -11.5 });
  }),
);

test.run();
