import { assert, test } from "../../helpers/test.js";
import { partLengths, partsOf } from "../../../src/train/engine/native/batch-parts.js";

test("small batches stay whole; large ones have a power of two of parts, sixteen at the most", () => {
  const parts = [1, 3999, 4000, 7999, 8000, 10_000, 16_000, 31_999, 32_000, 10_000_000].map(
    partsOf,
  );
  assert.equal(parts, [1, 1, 2, 2, 4, 4, 8, 8, 16, 16]);
});

test("parts are all of a batch, nearly alike, and begin at multiples of sixteen rows", () => {
  for (let rows = 1; rows < 70_000; rows += 61) {
    const lengths = [...partLengths(rows)];
    assert.is(lengths.length, partsOf(rows));
    assert.is(
      lengths.reduce((sum, length) => sum + length, 0),
      rows,
    );
    const last = lengths.pop()!;
    assert.ok(lengths.every((length) => length === lengths[0] && length % 16 === 0));
    assert.ok(last > 0 && last <= (lengths[0] ?? rows), `${rows} rows end in a part of ${last}`);
    assert.ok(lengths.every((length) => length - last <= 16 * (lengths.length + 1)));
  }
});

test.run();
