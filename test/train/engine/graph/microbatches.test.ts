import { assert, test } from "../../../helpers/test.js";
import {
  microbatchCount,
  microbatchRows,
} from "../../../../src/train/engine/graph/microbatches.js";

test("large batches are cut into a power of two of microbatches, at most sixteen", () => {
  const counts = [1, 3999, 4000, 7999, 8000, 10_000, 16_000, 31_999, 32_000, 10_000_000].map(
    (rows) => microbatchCount(rows, 2),
  );
  assert.equal(counts, [1, 1, 2, 2, 4, 4, 8, 8, 16, 16]);
  assert.is(microbatchCount(10_000_000, 1), 1, "a single layer is not worth it");
});

test("microbatches are all of a batch, nearly alike, and begin at multiples of sixteen rows", () => {
  for (let rows = 1; rows < 70_000; rows += 61) {
    const count = microbatchCount(rows, 3);
    const lengths = [...microbatchRows(rows, count)];
    assert.is(lengths.length, count);
    assert.is(
      lengths.reduce((sum, length) => sum + length, 0),
      rows,
    );
    const last = lengths.pop()!;
    assert.ok(lengths.every((length) => length === lengths[0] && length % 16 === 0));
    assert.ok(last > 0 && last <= (lengths[0] ?? rows), `${rows} rows end in one of ${last}`);
    assert.ok(lengths.every((length) => length - last <= 16 * (lengths.length + 1)));
  }
});

test.run();
