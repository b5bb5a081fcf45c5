import * as fc from "fast-check";
import { partitionPoint } from "../../src/common/binary-search.js";
import { assert, test } from "../helpers/test.js";

test("the partition point is the number of leading items that meet the condition", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.nat(22), (numbers, bound) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const found = partitionPoint(sorted.length, (index) => sorted[index]! < bound);
      assert.is(found, sorted.filter((number) => number < bound).length);
    }),
  );
});

test.run();
