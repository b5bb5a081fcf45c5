import fc from "fast-check";
import { numberReader } from "../../../src/report/browser/unpack.js";
import { assert, test } from "../../helpers/test.js";
import { createNumberPool } from "../../../src/report/figures/packing.js";

test("the page reads the very numbers that were written, and gaps as NaN", () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { maxLength: 100 }), (values) => {
      const pool = createNumberPool();
      const read = numberReader(pool.arrays)(pool.add(values));
      assert.is(read.length, values.length);
      for (const [index, value] of values.entries()) {
        const expected = Number.isFinite(value) ? value : NaN;
        assert.ok(Object.is(read[index], expected) || (value === 0 && read[index] === 0));
      }
    }),
  );
});

test("the same numbers are packed once, and whole ones in half the space", () => {
  const pool = createNumberPool();
  const steps = Array.from({ length: 1000 }, (_, index) => index);
  const first = pool.add(steps);
  assert.equal(pool.add(Float64Array.from(steps)), first);
  assert.is(pool.arrays.length, 1);
  pool.add(steps.map((step) => step + 0.1));
  pool.add(steps.map((step) => step + 0.5));
  const [whole, broken, rounded] = pool.arrays;
  assert.equal([whole?.type, broken?.type, rounded?.type], ["i4", "f8", "f4"]);
  assert.ok(whole && broken && whole.base64.length * 2 <= broken.base64.length + 8);
  assert.equal(pool.add([1, null, NaN]), [1, null, null], "short ones stay readable");
});

test.run();
