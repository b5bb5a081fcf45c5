import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { convert, openDataset } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { assertRejects, readRows } from "../folders.js";

/*
 * Files and streams of pyarrow. `pyarrow.arrow` (LZ4) and `pyarrow.arrows` (zstd) have the same 60 rows
 * in batches of 25; the columns are computed in `row` below as they were in Python.
 */

const FIXTURES = new URL("../../../../test/storage/arrow/fixtures/", import.meta.url);

function fixture(name: string): string {
  return fileURLToPath(new URL(name, FIXTURES));
}

const FEATURES = ["flag", "grade", "big", "d32", "d64", "d128", "d256", "half"] as const;

/** Row i of the fixtures; NaN where the value is null. */
function row(i: number): number[] {
  return [
    i === 7 ? NaN : i % 3 === 0 ? 1 : 0,
    i === 11 ? NaN : (i % 5) / 3,
    2 ** 53 + 1 + (i % 4),
    i / 100 - 1,
    (i / 100) * 1000,
    Number(`${i - 5000}e-3`),
    i === 0 ? 1e-40 : i,
    i / 4,
  ];
}

for (const name of ["pyarrow.arrow", "pyarrow.arrows"]) {
  test(`${name}: booleans, dictionaries of numbers, decimals of every width`, async () => {
    const file = fixture(name);
    const dataset = await openDataset(file, { features: FEATURES, invalid: "drop" });
    assert.equal(dataset.columnTypes.slice(0, 3), ["uint8", "float64", "int64"]);
    const kept = Array.from({ length: 60 }, (_, i) => i).filter((i) => i !== 7 && i !== 11);
    assert.is(dataset.rows, kept.length);
    const found: number[] = [];
    for await (const { x } of dataset.float64Rows({ batchSize: 7 })) found.push(...x);
    const wanted = kept.flatMap((i) => row(i));
    found.forEach((value, at) =>
      assert.ok(Math.abs(value - wanted[at]!) <= 1e-15 * Math.abs(wanted[at]!), `${value}, ${at}`),
    );
    const [table] = (await dataset.toArrow({ rows: 3 }).table()).batches;
    // 64-bit integers of a dictionary keep every digit.
    assert.equal(
      [...(table!.getChild("big")!.toArray() as BigInt64Array)],
      [9007199254740993n, 9007199254740994n, 9007199254740995n],
    );
    // Null stands in the dictionary itself.
    const error = openDataset(file, { features: ["code"] }).then((open) => open.head(60));
    await assertRejects(error, "failed", /^Column code of .* is missing \(null\) in row 2 /);
    const all = await openDataset(file, { features: ["code"], invalid: "drop" });
    assert.equal([...(await all.head(4)).x], [1.5, -2.5, 1.5, -2.5]);
  });
}

test("dictionaries that grow or are replaced between record batches", async () => {
  for (const [name, wanted] of [
    ["delta.arrow", [0.5, 0.25, 0.25, 0.25, 0.5, 9]],
    ["delta.arrows", [0.5, 0.25, 0.25, 0.25, 0.5, 9]],
    ["replaced.arrows", [0.5, 0.25, 0.25, 8, 7, 9]],
  ] as const) {
    const dataset = await openDataset(fixture(name));
    assert.equal([...(await dataset.head(6)).x], wanted, name);
    const shuffled: number[] = [];
    for await (const { x } of dataset.batches({ batchSize: 1, shuffle: "global" })) {
      shuffled.push(...x);
    }
    assert.equal(shuffled.toSorted(), wanted.toSorted(), name);
  }
});

test(
  "streams are converted, those of before version 0.15 too, and have a fingerprint",
  inFolder(async (folder) => {
    const early = await openDataset(fixture("legacy.arrows"));
    assert.equal([...(await early.head(2)).x], [1.5, 2.5]);
    const out = path.join(folder, "out");
    await convert(fixture("pyarrow.arrows"), { out, features: ["d128", "half"] });
    const { x } = await readRows(out);
    assert.equal(
      [...x],
      Array.from({ length: 60 }, (_, i) => [i / 1000 - 5, i / 4].map(Math.fround)).flat(),
    );
    const changed = await readFile(fixture("delta.arrows"));
    const copy = path.join(folder, "copy", "delta.arrows");
    await writeFile(path.join(folder, "delta.arrows"), changed);
    const one = await openDataset(fixture("delta.arrows"));
    assert.is(
      (await openDataset(path.join(folder, "delta.arrows"))).fingerprint,
      one.fingerprint,
      copy,
    );
  }),
);

test(
  "a stream that is cut is refused with a reason, and reads nothing that is not there",
  inFolder(async (folder) => {
    const file = path.join(folder, "cut.arrows");
    const whole = await readFile(fixture("replaced.arrows"));
    const ends = new Set<number>();
    for (let length = 0; length < whole.length; length += 4) {
      await writeFile(file, whole.subarray(0, length));
      try {
        const { rows } = await openDataset(file);
        ends.add(rows);
      } catch (error) {
        const says = (error as Error).message;
        assert.match(says, /cut off within a message|is empty|has no rows|not a readable Arrow/);
      }
    }
    // Between two messages, the end of a stream may be left out.
    assert.equal([...ends].toSorted(), [3, 6]);
  }),
);

test(
  "big-endian streams are refused",
  inFolder(async (folder) => {
    // A message whose header is a schema with endianness 1, as FlatBuffers stores it.
    const header = Buffer.alloc(48);
    header.writeUInt32LE(16, 0);
    [10, 12, 0, 4, 8].forEach((value, at) => header.writeUInt16LE(value, 4 + 2 * at));
    header.writeInt32LE(12, 16);
    header.writeUInt8(1, 20);
    header.writeUInt32LE(12, 24);
    [6, 8, 4].forEach((value, at) => header.writeUInt16LE(value, 28 + 2 * at));
    header.writeInt32LE(8, 36);
    header.writeInt16LE(1, 40);
    const prefix = Buffer.alloc(8, 255);
    prefix.writeInt32LE(header.length, 4);
    const file = path.join(folder, "big.arrows");
    await writeFile(file, Buffer.concat([prefix, header]));
    await assertRejects(openDataset(file), "failed", /is big-endian, which vadi cannot read/);
  }),
);

test.run();
