import { test } from "uvu";
import * as assert from "uvu/assert";
import { summarise } from "../../src/landscape/summary.js";

const curves = (...losses: number[][]) =>
  losses.map((values, batch) => ({ batch, losses: Float64Array.from(values) }));

test("quantiles interpolate linearly (type 7), variance divides by n − 1", () => {
  const [row, ...rest] = summarise(0, Float64Array.of(0.5), curves([4], [1], [10], [2], [3]));
  assert.is(rest.length, 0);
  // Sorted 1 2 3 4 10: position (n − 1)·q = 4q; by hand, as numpy.quantile gives them.
  assert.is(row!.slice, 0);
  assert.is(row!.alpha, 0.5);
  assert.is(row!.mean, 4);
  assert.is(row!.variance, (0 + 9 + 36 + 4 + 1) / 4);
  assert.equal([row!.min, row!.max, row!.batches], [1, 10, 5]);
  assert.ok(Math.abs(row!.q05 - 1.2) < 1e-15);
  assert.equal([row!.q25, row!.q50, row!.q75], [2, 3, 4]);
  assert.ok(Math.abs(row!.q95 - 8.8) < 1e-14);
});

test("an even number of batches: the median lies between two of them", () => {
  const [row] = summarise(0, Float64Array.of(0), curves([1], [2], [4], [8]));
  // Positions 0.15, 0.75, 1.5, 2.25, 2.85 in 1 2 4 8.
  const found = [row!.q05, row!.q25, row!.q50, row!.q75, row!.q95];
  for (const [index, expected] of [1.15, 1.75, 3, 5, 7.4].entries()) {
    assert.ok(Math.abs(found[index]! - expected) < 1e-14);
  }
});

test("one batch has no variance, and all its quantiles are its loss", () => {
  const rows = summarise(0, Float64Array.of(-1, 1), curves([3, 5]));
  assert.equal(
    rows.map(({ alpha, mean, variance, q05, q95 }) => [alpha, mean, variance, q05, q95]),
    [
      [-1, 3, 0, 3, 3],
      [1, 5, 0, 5, 5],
    ],
  );
});

test("a loss that has overflowed is counted, not dropped", () => {
  const [row] = summarise(0, Float64Array.of(0), curves([1], [Infinity], [2], [Infinity], [3]));
  assert.equal([row!.mean, row!.variance, row!.max], [Infinity, Infinity, Infinity]);
  assert.equal([row!.min, row!.q25, row!.q50, row!.q75], [1, 2, 3, Infinity]);
  assert.is(row!.batches, 5);
  const [alone] = summarise(0, Float64Array.of(0), curves([Infinity]));
  assert.equal([alone!.mean, alone!.variance, alone!.q50], [Infinity, 0, Infinity]);
});

test.run();
