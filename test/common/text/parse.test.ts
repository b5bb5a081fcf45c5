import fc from "fast-check";
import { assert, test } from "../../helpers/test.js";
import { parseCount, parseSize } from "../../../src/common/text/parse.js";
import { quote } from "../../../src/common/text/quote.js";
import { VadiError } from "../../../src/common/errors.js";

/** Text that is no count: wrong, negative, fractional, too large, or meant to do harm. */
const hostile = [
  "",
  " ",
  "-1",
  "+1",
  "1.5",
  "1e-3",
  "0.1k1",
  "NaN",
  "Infinity",
  "0x10",
  "0b1",
  "1n",
  "1,000",
  "1 000",
  "_1",
  "1_",
  "1__0",
  "1e",
  "e8",
  "1e8.5",
  "1e100",
  "1X",
  "1kk",
  "1MM",
  "٣",
  "1\u0000",
  "9007199254740992",
  "1e16",
  "99999T",
  "9".repeat(1_000_000),
  "1e99T",
  "__proto__",
  "[object Object]",
];

function usage(run: () => unknown, option: string): void {
  try {
    run();
  } catch (error) {
    assert.instance(error, VadiError);
    assert.is((error as VadiError).kind, "usage");
    assert.ok((error as VadiError).message.startsWith(`${option} must be `));
    assert.ok((error as VadiError).message.length < 200);
    assert.not.match((error as VadiError).message, /\n/);
    return;
  }
  assert.unreachable("accepted");
}

test("counts as people write them", () => {
  const expected: [string, number][] = [
    ["0", 0],
    ["7", 7],
    ["100M", 100_000_000],
    ["100m", 100_000_000],
    ["1e8", 100_000_000],
    ["1E+8", 100_000_000],
    ["100_000_000", 100_000_000],
    ["10k", 10_000],
    ["1G", 1_000_000_000],
    ["1.5M", 1_500_000],
    [" 12 ", 12],
    ["1.000001e6", 1_000_001],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007.199254740991T", Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, value] of expected) assert.is(parseCount(text, "--rows"), value, text);
});

test("no other text is a count", () => {
  for (const text of hostile) usage(() => parseCount(text, "--rows"), "--rows");
});

test("sizes as people write them", () => {
  const expected: [string, number][] = [
    ["0", 0],
    ["65536", 65_536],
    ["512MiB", 512 * 1024 ** 2],
    ["512mib", 512 * 1024 ** 2],
    ["512Mi", 512 * 1024 ** 2],
    ["1GB", 1e9],
    ["64k", 64_000],
    ["64KiB", 65_536],
    ["1.5GiB", 1.5 * 1024 ** 3],
    ["10B", 10],
    ["1e3MB", 1e9],
    ["0.1KiB", 102],
  ];
  for (const [text, value] of expected) assert.is(parseSize(text, "--memory"), value, text);
});

test("no other text is a size", () => {
  // A fraction of a byte is the one thing that a size allows beyond a count.
  const sizes = hostile.filter((text) => text !== "1.5");
  for (const text of [...sizes, "1BB", "1iB", "MiB", "8192TiB"]) {
    usage(() => parseSize(text, "--memory"), "--memory");
  }
});

test("every count is read back exactly, however it is written", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (count) => {
      assert.is(parseCount(String(count), "--rows"), count);
      assert.is(parseCount(count.toLocaleString("en").replaceAll(",", "_"), "--rows"), count);
      assert.is(parseCount(`${count}e0`, "--rows"), count);
      assert.is(parseSize(`${count}B`, "--memory"), count);
    }),
  );
  fc.assert(
    fc.property(fc.nat(1_000_000), (count) => {
      assert.is(parseCount(`${count}k`, "--rows"), count * 1000);
      assert.is(parseCount(`${count / 1000}M`, "--rows"), count * 1000);
      assert.is(parseSize(`${count}MiB`, "--memory"), count * 1024 ** 2);
    }),
  );
});

test("any text is either a whole number or a usage error", () => {
  const nearly = fc.stringMatching(/^[-+0-9._eEkKmMgGtTiIbB ]{0,12}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly), (text) => {
      for (const parse of [parseCount, parseSize]) {
        try {
          assert.ok(Number.isSafeInteger(parse(text, "--rows")));
        } catch (error) {
          assert.instance(error, VadiError);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("a quoted text is escaped and cut to one line", () => {
  assert.is(quote("a\nb"), '"a\\nb"');
  assert.is(quote("x".repeat(1000)), `"${"x".repeat(59)}…"`);
});

test.run();
