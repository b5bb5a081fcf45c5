import * as fc from "fast-check";
import { formatRanges, parseRanges } from "../../src/common/ranges.js";
import { assert, test } from "../helpers/test.js";

test("numbers and ranges are read, and anything else is not", () => {
  assert.equal(parseRanges("0-3,7"), [
    [0, 3],
    [7, 7],
  ]);
  assert.equal(parseRanges(" 5 , 2-2"), [
    [5, 5],
    [2, 2],
  ]);
  for (const text of ["", ",", "3-", "-3", "3-1", "1-2-3", "a", "1.5", "1e3", "9".repeat(16)]) {
    assert.is(parseRanges(text), undefined, text);
  }
});

test("what is written is read back", () => {
  assert.is(formatRanges([9, 0, 1, 2, 7, 10]), "0-2,7,9-10");
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50), { minLength: 1 }), (numbers) => {
      const read = parseRanges(formatRanges(numbers))!.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      assert.equal(
        read,
        numbers.toSorted((a, b) => a - b),
      );
    }),
  );
});

test.run();
