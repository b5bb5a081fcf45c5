import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { assert, test } from "../../helpers/test.js";
import { failure, interruption } from "../../../src/common/errors.js";
import { writeLongTable, writeTable, writeTypedTable } from "../../../src/storage/index.js";
import type { TableColumn } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects } from "../folders.js";

const columns: TableColumn[] = [
  { name: "step", type: "INT32" },
  { name: "rows", type: "INT64" },
  { name: "loss", type: "DOUBLE" },
];

async function read(file: string): Promise<Record<string, number>[]> {
  const objects = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
  return objects.map((row) => ({ ...row, rows: Number(row["rows"]) }) as Record<string, number>);
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}

for (const rows of [0, 1, 5000, 50_001]) {
  test(
    `${rows} rows are read back by hyparquet and DuckDB`,
    inFolder(async (folder) => {
      const file = path.join(folder, "table.parquet");
      const step = Array.from({ length: rows }, (_, row) => row - 2);
      const count = step.map((value) => value * 10 ** 5);
      const loss = Float64Array.from(step, (value) => Math.exp(-value / 100) / 3);
      await writeTable(file, columns, { step, rows: count, loss });
      const found = await read(file);
      assert.is(found.length, rows);
      for (const row of [0, 1, 4999, 50_000].filter((at) => at < rows)) {
        assert.equal(found[row], { step: step[row], rows: count[row], loss: loss[row] });
      }
      const connection = await (await DuckDBInstance.create()).connect();
      const answer = await connection.runAndReadAll(
        `select count(*)::int, coalesce(sum(step), 0)::double, coalesce(sum(rows), 0)::double, coalesce(sum(loss), 0)::double from '${file}'`,
      );
      const [n, steps, sum, losses] = answer.getRows()[0]!.map(Number);
      assert.is(n, rows);
      assert.is(steps, total(step));
      assert.is(sum, total(count));
      assert.ok(Math.abs(losses! - total(loss)) <= 1e-9 * Math.abs(losses!));
      connection.closeSync();
      assert.equal(await readdir(folder), ["table.parquet"]);
    }),
  );
}

test(
  "infinite numbers are written, and the same numbers give the same bytes",
  inFolder(async (folder) => {
    const values = { step: [1, 2], rows: [3, 4], loss: [Infinity, -0.1] };
    const [a, b] = [path.join(folder, "a"), path.join(folder, "b")];
    await writeTable(a, columns, values);
    await writeTable(b, columns, values);
    assert.is(await readFile(a, "hex"), await readFile(b, "hex"));
    assert.equal(
      (await read(a)).map(({ loss }) => loss),
      [Infinity, -0.1],
    );
  }),
);

test(
  "a value that does not fit its column is named, and no file is left",
  inFolder(async (folder) => {
    const file = path.join(folder, "table.parquet");
    const good = { step: [1, 2], rows: [3, 4], loss: [0.5, 0.25] };
    const wrong: [Record<string, number[]>, RegExp][] = [
      [{ step: [1, 1.5] }, /row 1 of column step is 1\.5/],
      [{ step: [1, 2 ** 31] }, /column step/],
      [{ rows: [3, 2 ** 60] }, /column rows/],
      [{ loss: [0, NaN] }, /column loss is NaN/],
      [{ loss: [0] }, /column loss has 1 rows, but the first has 2/],
    ];
    for (const [change, pattern] of wrong) {
      let message = "";
      await writeTable(file, columns, { ...good, ...change }).catch(
        (error: Error) => (message = error.message),
      );
      assert.match(message, pattern);
      assert.match(message, file);
      assert.equal(await readdir(folder), []);
    }
  }),
);

async function* partsUntil<Part>(part: Part, error: Error): AsyncGenerator<Part, void, void> {
  yield part;
  throw error;
}

test(
  "an interruption and a failure of whoever makes the rows stay what they are, and no file does",
  inFolder(async (folder) => {
    const file = path.join(folder, "table");
    const loss: TableColumn[] = [{ name: "loss", type: "DOUBLE" }];
    for (const rows of [4, 60_000]) {
      const table = writeLongTable(file, loss, rows, partsUntil({ loss: [1, 2] }, interruption()));
      await assertRejects(table, "interrupted", /^Interrupted\.$/);
    }
    const typed = (format: "arrow" | "parquet", error: Error): Promise<void> =>
      writeTypedTable(
        file,
        format,
        [{ name: "loss", type: "float64" }],
        partsUntil([Float64Array.of(1, 2)], error),
      );
    for (const format of ["arrow", "parquet"] as const) {
      await assertRejects(typed(format, interruption()), "interrupted", /^Interrupted\.$/);
      await assertRejects(typed(format, failure("No row.")), "failed", /^No row\.$/);
      const odd = typed(format, new Error("odd"));
      await assertRejects(odd, "failed", /^Could not write .*table: odd\.$/);
    }
    assert.equal(await readdir(folder), []);
  }),
);

test.run();
