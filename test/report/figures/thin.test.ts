import fc from "fast-check";
import { assert, test } from "../../helpers/test.js";
import { thinBand, thinPoints } from "../../../src/report/figures/thin.js";

test("a short series stays whole", () => {
  const drawn = thinPoints([1, 2, 3], new Float32Array([5, 4, 6]), { limit: 3 });
  assert.equal(drawn, { x: [1, 2, 3], y: [5, 4, 6], notFinite: 0, notPositive: 0 });
});

test("points that are not finite become gaps and are counted", () => {
  const drawn = thinPoints([1, 2, NaN, 4], [1, Infinity, 3, NaN], { limit: 10 });
  assert.equal(drawn, {
    x: [1, 2, null, 4],
    y: [1, null, null, null],
    notFinite: 3,
    notPositive: 0,
  });
});

test("a logarithmic axis leaves a gap for what is not above zero", () => {
  const drawn = thinPoints([0, 1, 2], [1, 0, -1], { limit: 10, logY: true });
  assert.equal(drawn.y, [1, null, null]);
  assert.is(drawn.notPositive, 2);
  assert.is(thinPoints([0, 1], [1, 1], { limit: 10, logX: true }).notPositive, 1);
});

test("thinning keeps the highest, the lowest, the first, the last and every stretch's gap, in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 20, arbitrary: fc.double({ noNaN: true }) }, fc.constant(NaN)), {
        minLength: 61,
        maxLength: 2000,
      }),
      (y) => {
        const x = y.map((_, index) => index);
        const limit = 60;
        const drawn = thinPoints(x, y, { limit });
        assert.ok(drawn.x.length <= limit + 2);
        assert.is(drawn.notFinite, y.filter((value) => !Number.isFinite(value)).length);
        const finite = y.filter(Number.isFinite);
        const kept = drawn.y.filter((value) => value !== null);
        assert.equal(
          [Math.min(...kept), Math.max(...kept)],
          [Math.min(...finite), Math.max(...finite)],
        );
        assert.is(drawn.x[0], 0);
        assert.is(drawn.x.at(-1), y.length - 1);
        drawn.x.forEach((at, index) => {
          assert.ok(index === 0 || (drawn.x[index - 1] ?? 0) < (at ?? 0), "in order");
          const value = y[at ?? -1] ?? NaN;
          assert.is(drawn.y[index], Number.isFinite(value) ? value : null);
        });
        assert.is(drawn.y.includes(null), drawn.notFinite > 0);
      },
    ),
  );
});

test("a thinned band holds the whole band", () => {
  const count = 1000;
  const x = Array.from({ length: count }, (_, index) => index);
  const low = x.map((at) => Math.sin(at));
  const high = x.map((at) => Math.sin(at) + 2);
  const drawn = thinBand(x, low, high, 100);
  assert.is(drawn.x.length, 100);
  drawn.x.forEach((from, stretch) => {
    const to = drawn.x[stretch + 1] ?? count;
    for (let index = from; index < to; index++) {
      assert.ok((drawn.low[stretch] ?? Infinity) <= (low[index] ?? NaN));
      assert.ok((drawn.high[stretch] ?? -Infinity) >= (high[index] ?? NaN));
    }
  });
  assert.equal(thinBand([0, 1], [0, NaN], [1, 1], 10).low, [0, null]);
});

test.run();
