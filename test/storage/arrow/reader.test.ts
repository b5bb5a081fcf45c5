import { writeFile } from "node:fs/promises";
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
  tableToIPC,
  Utf8,
  vectorFromArray,
  Vector,
} from "apache-arrow";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { openSource } from "../../../src/storage/index.js";
import { assertRejects } from "../folders.js";
import { rowsOf } from "../rows-of.js";

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

test.run();
