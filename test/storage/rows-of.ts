import { openShard, openSource, type SourceOptions } from "../../src/storage/index.js";
import { assert } from "../helpers/test.js";

/** All rows of a table, read 1013 at a time, which divides no group of rows. */
export async function rowsOf(
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
