import { assert, test } from "../helpers/test.js";
import {
  formatBytes,
  formatNumber,
  formatRate,
  formatSeconds,
} from "../../src/report/figures/format.js";

test("numbers", () => {
  const space = "\u202f";
  const cases: [number, string][] = [
    [0, "0"],
    [42, "42"],
    [1_000_000, `1${space}000${space}000`],
    [-12_345, `−12${space}345`],
    [0.1, "0.1"],
    [0.0100123456, "0.0100123"],
    [12345.678, `12${space}345.7`],
    [1.5e-7, "1.5×10⁻⁷"],
    [-2.25e20, "−2.25×10²⁰"],
    [NaN, "NaN"],
    [-Infinity, "−∞"],
  ];
  for (const [value, text] of cases) assert.is(formatNumber(value), text);
});

test("bytes, seconds and rates", () => {
  assert.is(formatBytes(512), "512 bytes");
  assert.is(formatBytes(1.5 * 1024 ** 3), "1.5 GiB");
  assert.is(formatSeconds(0.01234), "0.0123 s");
  assert.is(formatSeconds(3723), "1 h 2 min 3 s");
  assert.is(formatRate(1_234_567, "rows/s"), "1\u202f230\u202f000 rows/s");
});

test.run();
