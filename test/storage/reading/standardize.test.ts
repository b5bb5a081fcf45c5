import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { openShard, openTable, writeDataset } from "../../../src/storage/index.js";
import type { ColumnScales } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";

const ROWS = 70_000;
const FEATURES = 3;

async function readAll(
  source: string,
  make: (length: number) => Float32Array | Float64Array,
  standardize?: ColumnScales,
): Promise<{ x: Float32Array | Float64Array; y: Float32Array | Float64Array }> {
  const { shards } = await openTable(source);
  const target = { x: make((ROWS + 1) * FEATURES), y: make(ROWS + 1) };
  let at = 1;
  for (const shard of shards) {
    const reader = await openShard({ ...shard, ...(standardize && { standardize }) });
    try {
      // In pieces that do not fall together with record batches and row groups.
      for (let first = 0; first < reader.rows; first += 30_011) {
        const rows = Math.min(30_011, reader.rows - first);
        await reader.read(first, rows, target, at);
        at += rows;
      }
    } finally {
      reader.close();
    }
  }
  assert.is(at, ROWS + 1);
  return target;
}

for (const [format, compression] of [
  ["arrow", "none"],
  ["parquet", "none"],
  ["parquet", "zstd"],
] as const) {
  test(
    `${format} ${compression}: values are standardised in float64 and rounded once`,
    inFolder(async (folder) => {
      const out = path.join(folder, "data");
      await writeDataset({ kind: "lsm", out, rows: ROWS, features: FEATURES, format, compression });
      const plain = await readAll(out, (length) => new Float32Array(length));
      const standardize = {
        mean: Float64Array.of(1e-9, -3.3, 1000, 0.1),
        scale: [1 / 3, 7, 1e-3, Math.PI],
      };
      const single = await readAll(out, (length) => new Float32Array(length), standardize);
      const double = await readAll(out, (length) => new Float64Array(length), standardize);
      const wide = await readAll(out, (length) => new Float64Array(length));
      assert.equal(Float32Array.from(wide.x), plain.x);
      assert.equal(Float32Array.from(wide.y), plain.y);
      for (let index = FEATURES; index < plain.x.length; index++) {
        const column = index % FEATURES;
        const expected = (plain.x[index]! - standardize.mean[column]!) / standardize.scale[column]!;
        if (double.x[index] !== expected || single.x[index] !== Math.fround(expected)) {
          assert.unreachable(`value ${index} is ${single.x[index]}, not ${expected}`);
        }
      }
      for (let row = 1; row <= ROWS; row++) {
        const expected = (plain.y[row]! - 0.1) / Math.PI;
        if (double.y[row] !== expected || single.y[row] !== Math.fround(expected)) {
          assert.unreachable(`target ${row} is ${single.y[row]}, not ${expected}`);
        }
      }
      // The row before the first is not touched.
      assert.equal([...single.x.subarray(0, FEATURES), single.y[0]], [0, 0, 0, 0]);
    }),
  );
}

test.run();
