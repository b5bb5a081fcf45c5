import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Decimal, Field, makeData, Schema, Table, tableToIPC, Vector } from "apache-arrow";
import { openDataset } from "../../../src/index.js";
import { bigEndianInteger, decimalToNumber } from "../../../src/storage/format/decimal.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { assertRejects } from "../folders.js";

/*
 * Decimals are read as the nearest float64. The reference is JavaScript's own conversion from the
 * decimal's text, which ECMAScript requires to round correctly.
 */

/** Unscaled integers of up to 38 digits, of both signs. */
function unscaled(count: number): bigint[] {
  let state = 12_345n;
  const next = (): bigint => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
    return state >> 16n;
  };
  return Array.from({ length: count }, (_, index) => {
    const digits = BigInt(1 + (index % 38));
    const value = (next() * 2n ** 96n + next() * 2n ** 48n + next()) % 10n ** digits;
    return index % 2 === 0 ? value : -value;
  });
}

function textOf(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return value < 0n ? `-${text}` : text;
}

test("a decimal becomes the nearest float64", () => {
  for (const scale of [0, 1, 2, 9, 18, 22, 23, 37]) {
    for (const value of unscaled(500)) {
      assert.is(decimalToNumber(value, scale), Number(textOf(value, scale)), `${value}e-${scale}`);
    }
  }
  assert.is(decimalToNumber(1234, -3), 1_234_000);
  assert.is(decimalToNumber(12_345, 2), 123.45);
  assert.is(bigEndianInteger(Uint8Array.of(0xff, 0xfe)), -2n);
  assert.is(bigEndianInteger(Uint8Array.of(0, 0xff)), 255n);
});

test(
  "Parquet's decimals of every width",
  inFolder(async (folder) => {
    for (const [precision, scale] of [
      [4, 2],
      [9, 3],
      [18, 11],
      [38, 20],
    ] as const) {
      const file = path.join(folder, `${precision}.parquet`);
      const values = unscaled(2000).map((value) => value % 10n ** BigInt(precision));
      const lines = values.map(
        (value) => `(${textOf(value, scale)}::decimal(${precision},${scale}))`,
      );
      await runSql(
        `copy (select v as a, v as y from (values ${lines.join(",")}) t(v)) to '${file}'`,
      );
      const found: number[] = [];
      for await (const { y } of (await openDataset(file)).float64Rows()) found.push(...y);
      assert.equal(
        found,
        values.map((value) => Number(textOf(value, scale))),
        `decimal(${precision},${scale})`,
      );
    }
  }),
);

/** Little-endian two's complement words of 32 bits. */
function wordsOf(values: readonly bigint[], bits: number): Uint32Array {
  const each = bits / 32;
  return Uint32Array.from({ length: values.length * each }, (_, at) =>
    Number(BigInt.asUintN(32, values[Math.floor(at / each)]! >> BigInt(32 * (at % each)))),
  );
}

async function writeDecimals(
  file: string,
  values: readonly bigint[],
  { bits, scale, missing }: { bits: number; scale: number; missing?: number },
): Promise<void> {
  const type = new Decimal(scale, bits === 128 ? 38 : 76, bits);
  const column = (): Vector => {
    // Buffers of its own: the writer keeps one of two that are the same.
    const nullBitmap = new Uint8Array(Math.ceil(values.length / 8)).fill(255);
    if (missing !== undefined) nullBitmap[missing >> 3]! &= ~(1 << (missing & 7));
    const nullCount = missing === undefined ? 0 : 1;
    const data = wordsOf(values, bits);
    return new Vector([makeData({ type, length: values.length, nullCount, nullBitmap, data })]);
  };
  const fields = ["a", "y"].map((name) => new Field(name, type, missing !== undefined));
  const vectors = { a: column(), y: column() };
  await writeFile(file, tableToIPC(new Table(new Schema(fields), vectors), "file"));
}

test(
  "Arrow's decimals of 128 and 256 bits, missing ones too",
  inFolder(async (folder) => {
    const values = unscaled(2000);
    for (const bits of [128, 256]) {
      for (const scale of [0, 2, 20]) {
        const file = path.join(folder, `${bits} ${scale}.arrow`);
        await writeDecimals(file, values, { bits, scale });
        const dataset = await openDataset(file);
        assert.equal(dataset.columnTypes, ["float64", "float64"]);
        const found: number[] = [];
        for await (const { y } of dataset.float64Rows()) found.push(...y);
        assert.equal(
          found,
          values.map((value) => Number(textOf(value, scale))),
          `${bits} bits, scale ${scale}`,
        );
      }
    }
    const file = path.join(folder, "missing.arrow");
    await writeDecimals(file, values, { bits: 128, scale: 2, missing: 77 });
    const statistics = (await openDataset(file)).statistics();
    await assertRejects(statistics, "failed", /Column a .* is missing \(null\) in row 78 /);
    const dropped = await openDataset(file, { invalid: "drop" });
    assert.is(dropped.rows, 1999);
  }),
);

test.run();
