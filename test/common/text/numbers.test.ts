import fc from "fast-check";
import { assert, test } from "../../helpers/test.js";
import {
  formatCount,
  formatNumber,
  formatPercent,
  plainNumber,
  powerOfTen,
} from "../../../src/common/text/numbers.js";
import { parseCount } from "../../../src/common/text/parse.js";
import { counted, countedExactly, plural } from "../../../src/common/text/plurals.js";
import { formatBytes } from "../../../src/common/text/sizes.js";
import { formatSeconds } from "../../../src/common/text/times.js";

test("numbers on a page", () => {
  const space = "\u202f";
  const cases: [number, string][] = [
    [0, "0"],
    [42, "42"],
    [1_000_000, `1${space}000${space}000`],
    [-12_345, `−12${space}345`],
    [0.1, "0.1"],
    [999_999_999_999_999, `999${space}999${space}999${space}999${space}999`],
    [1234567.5, `1${space}234${space}570`],
    [0.0100123456, "0.0100123"],
    [12345.678, `12${space}345.7`],
    [1.5e-7, "1.5×10⁻⁷"],
    [-2.25e20, "−2.25×10²⁰"],
    [NaN, "NaN"],
    [-Infinity, "−∞"],
  ];
  for (const [value, text] of cases) assert.is(formatNumber(value), text);
});

test("numbers in a terminal can be typed", () => {
  assert.is(plainNumber(12_345.678), "12345.7");
  assert.is(plainNumber(-1.5e-7), "-1.5e-7");
  assert.is(plainNumber(0.012_345, 2), "0.012");
  assert.is(plainNumber(NaN), "–");
});

test("counts are exact below 10 000 and have three digits above", () => {
  assert.is(formatCount(0), "0");
  assert.is(formatCount(9999), "9999");
  assert.is(formatCount(10_000), "10k");
  assert.is(formatCount(12_345), "12.3k");
  assert.is(formatCount(999_999), "1M");
  assert.is(formatCount(100_000_000), "100M");
  assert.is(formatCount(1_234_567), "1.23M");
  assert.is(formatCount(0.12345), "0.123");
  assert.is(formatCount(Number.NaN), "–");
});

test("a count in a terminal reads back to within its three digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000_000_000 }), (count) => {
      const text = formatCount(count);
      assert.ok(text.length <= 5, text);
      assert.ok(Math.abs(parseCount(text, "count") - count) <= count * 0.0051, text);
    }),
  );
});

test("percentages and powers of ten", () => {
  assert.is(formatPercent(0.1234), "12.3 %");
  assert.is(formatPercent(1), "100 %");
  assert.is(powerOfTen(15), "10¹⁵");
  assert.is(powerOfTen(-120), "10⁻¹²⁰");
});

test("plurals", () => {
  assert.is(plural(1, "row"), "row");
  assert.is(plural(0, "row"), "rows");
  assert.is(plural(2, "batch", "batches"), "batches");
  assert.is(counted(12_345, "row"), "12.3k rows");
  assert.is(countedExactly(12_345, "row"), "12\u202f345 rows");
  assert.is(countedExactly(1, "batch", "batches"), "1 batch");
});

test("sizes", () => {
  assert.is(formatBytes(0), "0 B");
  assert.is(formatBytes(512), "512 B");
  assert.is(formatBytes(1023), "0.999 KiB");
  assert.is(formatBytes(1024), "1 KiB");
  assert.is(formatBytes(1536), "1.5 KiB");
  assert.is(formatBytes(4.4e9), "4.1 GiB");
  assert.is(formatBytes(1.5 * 1024 ** 3), "1.5 GiB");
});

test("times", () => {
  assert.is(formatSeconds(0.01234), "0.0123 s");
  assert.is(formatSeconds(0.4217), "0.422 s");
  assert.is(formatSeconds(59.96), "1 min 0 s");
  assert.is(formatSeconds(200), "3 min 20 s");
  assert.is(formatSeconds(3723), "1 h 2 min");
  assert.is(formatSeconds(180_000), "2 d 2 h");
});

test.run();
