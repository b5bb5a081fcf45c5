import { assert, test } from "../helpers/test.js";
import { formatNumber } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { formatSeconds } from "../../src/common/text/times.js";
import { languageOf } from "../../src/language/index.js";

const en = languageOf("en");
const tr = languageOf("tr");

test("English numbers have a point and narrow spaces, as elsewhere", () => {
  const values = [0, 1, -1, 0.1, -12345.678, 1234567.8, 123456789012345, 1e15, 1.5e-7, 0.00012345];
  for (const value of [...values, 9.999999e-5, -3e20, NaN, Infinity, -Infinity, 0.1 + 0.2])
    assert.is(en.number(value), formatNumber(value), String(value));
  assert.is(en.number(0.123456, 2), "0.12");
  assert.is(en.percent(0.1234), "12.3\u00a0%");
});

test("Turkish numbers have a comma and points, and the percent sign comes first", () => {
  assert.is(tr.number(-12345.678), "−12.345,7");
  assert.is(tr.number(1_000_000), "1.000.000");
  assert.is(tr.number(1.5e-7), "1,5×10⁻⁷");
  assert.is(tr.percent(0.1234), "%12,3");
  assert.is(tr.exact(-0.1234567891), "−0,1234567891");
  assert.is(tr.rounded(1_234_567), "1,23M");
  assert.is(tr.bytes(1536), "1,5 KiB");
  assert.is(tr.seconds(200), "3 dk 20 sn");
  assert.is(tr.seconds(12.34), "12,3 sn");
  assert.is(tr.list(["a", "b", "c"]), "a, b ve c");
});

test("English sizes and durations are those of terminals", () => {
  for (const bytes of [0, 512, 1023, 1024, 1536, 2 ** 31, 5.5e12])
    assert.is(en.bytes(bytes), formatBytes(bytes), String(bytes));
  for (const seconds of [0, 0.42, 12.34, 59.94, 59.96, 200, 3720, 200_000])
    assert.is(en.seconds(seconds), formatSeconds(seconds), String(seconds));
});

test.run();
