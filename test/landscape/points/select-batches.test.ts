import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { selectBatches, batchRanges } from "../../../src/landscape/points/select-batches.js";

function refused(select: () => unknown, ...words: string[]): void {
  try {
    select();
  } catch (error) {
    assert.ok(error instanceof VadiError && error.kind === "usage");
    for (const word of words) assert.match(error.message, word);
    return;
  }
  assert.unreachable("it was not refused");
}

test("the first so many, all, or a list in ascending order", () => {
  assert.equal(selectBatches(3, 100, 10), [0, 1, 2]);
  assert.equal(selectBatches(null, 100, 10), [0, 1, 2, 3, 4]);
  assert.equal(selectBatches(null, 100, 40), [0, 1, 2]);
  assert.equal(selectBatches("all", 101, 50), [0, 1, 2]);
  assert.equal(selectBatches([7, 0, 3], 100, 10), [0, 3, 7]);
  assert.equal(selectBatches(1, 1, 1000), [0]);
});

test("what is not there is refused, with how many there are", () => {
  refused(() => selectBatches(11, 100, 10), "batches is 11", "there are 10", "100 rows");
  refused(() => selectBatches([0, 10], 100, 10), "names 10", "there are 10");
  refused(() => selectBatches([1, 1], 100, 10), "1 twice");
  refused(() => selectBatches([-1], 100, 10), "-1");
  refused(() => selectBatches([0.5], 100, 10), "0.5");
  refused(() => selectBatches([NaN, 1], 100, 10), "NaN");
  refused(() => selectBatches([], 100, 10), "empty");
  refused(() => selectBatches(0, 100, 10), "0");
  refused(() => selectBatches(1.5, 100, 10), "1.5");
});

test("near batches share a loader, far ones do not", () => {
  assert.equal(batchRanges([0, 1, 2]), [{ first: 0, last: 2 }]);
  assert.equal(batchRanges([0, 3, 7]), [{ first: 0, last: 7 }]);
  assert.equal(batchRanges([2, 500, 501]), [
    { first: 2, last: 2 },
    { first: 500, last: 501 },
  ]);
});

test.run();
