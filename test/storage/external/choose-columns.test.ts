import { writeFile } from "node:fs/promises";
import path from "node:path";
import { makeVector, Table as ArrowTable, tableToIPC } from "apache-arrow";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { openSource, writeDataset } from "../../../src/storage/index.js";
import { runSql } from "../duck.js";
import { assertRejects } from "../folders.js";
import { rowsOf } from "../rows-of.js";

test(
  "errors name targets and features that cannot be used",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(`copy (select 1 as a, 2 as b, 'x' as s, [1] as list from range(3)) to '${file}'`);
    for (const [options, pattern] of [
      [{}, /has no column y; name the target with target: its numeric columns are a, b\./],
      [{ target: "z" }, /has no column z for target: its numeric columns are a, b\./],
      [{ target: "s" }, /Column s of .* is BYTE_ARRAY \(UTF8\), which is not numeric; .* target/],
      [{ target: "a", features: ["list"] }, /Column list of .* is nested, which is not numeric/],
      [{ target: "a", features: ["a"] }, /Column a is the target and cannot be a feature/],
      [{ target: "a", features: ["b", "b"] }, /Column b is named twice in features/],
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
      /two columns y; give one of them another name/,
    );
  }),
);

test(
  "some columns of a dataset are read as a table, in both formats",
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
        /has no column z for target: its numeric columns are x0, x1/,
      );
      assert.equal((await rowsOf(path.join(out, `*.${format}`))).x, whole.x);
    }
  }),
);

test.run();
