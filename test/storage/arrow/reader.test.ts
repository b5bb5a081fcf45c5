import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  Bool,
  CompressionType,
  compressionRegistry,
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
import { prepareCompression, zstdCompress } from "../../../src/storage/format/compression.js";
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
    const features = ["flag", "list0", "list1", "i", "big", "h", "u"];
    const all = await openSource(file, { invalid: "drop" });
    assert.equal(all.columns.features, [...features, "gaps"]);
    assert.equal(all.warnings, [
      "Left out because they are not numeric: name.",
      "1 of 3000 rows have invalid values and were dropped.",
    ]);
    const { x, y } = await rowsOf(file, { features });
    const expected = Array.from({ length: 3000 }, (_, row) => [
      row % 2 === 0 ? 1 : 0,
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
    await assertRejects(rowsOf(file), "failed", /Column gaps .* missing \(null\) in row 14 /);
    const dropped = await rowsOf(file, { features: ["gaps"], invalid: "drop" });
    assert.equal(
      dropped.x,
      Array.from({ length: 3000 }, (_, row) => row).filter((row) => row !== 13),
    );
  }),
);

/** The table as a file whose buffers are compressed by zstd. */
function zstdFile(table: ArrowTable, encode: (bytes: Uint8Array) => Uint8Array): Buffer {
  const frames: { frame: Uint8Array; length: bigint }[] = [];
  compressionRegistry.set(CompressionType.ZSTD, {
    encode(bytes) {
      const frame = encode(bytes);
      frames.push({ frame, length: BigInt(bytes.length) });
      return frame;
    },
  });
  const file = Buffer.from(tableToIPC(table, "file", CompressionType.ZSTD));
  // apache-arrow 21 writes the frame's length before the frame, where the content's belongs.
  let at = 0;
  for (const { frame, length } of frames) {
    const found = file.indexOf(frame, at);
    if (found < 0) continue;
    file.writeBigInt64LE(length, found - 8);
    at = found + frame.length;
  }
  return file;
}

test(
  "Arrow buffers that are compressed by zstd, with and without the content's size in the frame",
  inFolder(async (folder) => {
    await prepareCompression("zstd");
    const table = arrowTable(3000);
    const encoders: ((bytes: Uint8Array) => Uint8Array)[] = [zstdCompress];
    const program = ["/usr/bin/zstd", "/bin/zstd"].find((name) => existsSync(name));
    // From a pipe, zstd does not know the size when it writes the frame's header.
    if (program !== undefined) {
      encoders.push((input) => execFileSync(program, ["-c"], { input }));
    }
    const plain = path.join(folder, "plain.arrow");
    await writeFile(plain, tableToIPC(table, "file"));
    const options = { features: ["list0", "list1", "i", "big", "h", "u"] };
    const expected = await rowsOf(plain, options);
    for (const [index, encode] of encoders.entries()) {
      const file = path.join(folder, `${index}.arrow`);
      await writeFile(file, zstdFile(table, encode));
      assert.ok((await stat(file)).size < (await stat(plain)).size / 2);
      assert.equal(await rowsOf(file, options), expected);
      await assertRejects(rowsOf(file), "failed", /Column gaps .* missing \(null\) in row 14 /);
    }
  }),
);

test.run();
