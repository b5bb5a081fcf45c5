import { assert, test } from "../helpers/test.js";
import { createRankSelector } from "../../src/landscape/summary/select-ranks.js";
import { normals, numbers } from "./numbers.js";

/** Numbers of many shapes, by name. */
const shapes: Readonly<Record<string, (count: number) => Float64Array>> = {
  normal: (count) => Float64Array.from(numbers(normals(3), count)),
  "of vast spread": (count) =>
    Float64Array.from(numbers(normals(4), count), (value) => Math.exp(99 * value)),
  "of few different values": (count) =>
    Float64Array.from({ length: count }, (_, at) => (at * 7) % 3),
  "with one far away": (count) =>
    Float64Array.from({ length: count }, (_, at) => (at === 5 ? 1e300 : at)),
  "that differ by rounding": (count) =>
    Float64Array.from({ length: count }, (_, at) => 1 + ((at * 5) % 4) * Number.EPSILON),
  ascending: (count) => Float64Array.from({ length: count }, (_, at) => at / 3),
  descending: (count) => Float64Array.from({ length: count }, (_, at) => -at / 3),
};

for (const [name, make] of Object.entries(shapes)) {
  test(`ranks among numbers ${name} are those of a full sort, and the numbers stay`, () => {
    for (const count of [7, 128, 1001, 20_000]) {
      const values = make(count);
      const sorted = values.toSorted();
      const ranks = [...new Set([0, 1, count >> 2, count >> 1, count - 2, count - 1])];
      const select = createRankSelector(count, ranks);
      // Twice: what a selection leaves behind does not show.
      for (const given of [values, values.toReversed()]) {
        const before = given.slice();
        const valueOf = select(given)!;
        assert.equal(
          ranks.map(valueOf),
          ranks.map((rank) => sorted[rank]),
        );
        assert.equal(given, before);
      }
    }
  });
}

test("numbers that are equal, infinite or no numbers at all are left to a sort", () => {
  const select = createRankSelector(4, [0, 3]);
  assert.is(select(Float64Array.of(2, 2, 2, 2)), undefined);
  assert.is(select(Float64Array.of(1, 2, Infinity, 3)), undefined);
  assert.is(select(Float64Array.of(1, NaN, 2, 3)), undefined);
  assert.is(select(Float64Array.of(0, 5e-324, 0, 0)), undefined);
  assert.is(select(Float64Array.of(1, 2, 3, 5))!(3), 5);
});

test.run();
