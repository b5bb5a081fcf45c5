import { test } from "uvu";
import * as assert from "uvu/assert";
import { createRowMaker, orderGap, trueWeights, type RowSpec } from "../../src/generate/index.js";

const ROWS = 3000;

test("rows further apart than the gap keep their order with another first maximum", () => {
  for (const [features, noise, seed] of [
    [1, 0.1, 3],
    [2, 0, 8],
    [10, 0.1, 42],
    [10, 2, 42],
    [33, 0.5, 5],
  ] as const) {
    const spec: RowSpec = { kind: "two-layer-sigmoid", features, noise, seed };
    const truth = trueWeights(spec);
    if (!("w1" in truth)) throw new Error("The weights are those of two layers.");
    const maker = createRowMaker(spec, ROWS);
    const from = maker.maximum(0, ROWS);
    const valuesWith = (maximum1: number): number[] =>
      Array.from({ length: ROWS }, (_, row) => maker.maximum(row, 1, maximum1));
    const before = valuesWith(from);
    const order = [...before.keys()].toSorted((a, b) => before[a]! - before[b]!);
    for (const ratio of [0.9, 1, 1.02, 1.1, 1.5, 4]) {
      const to = Math.fround(from * ratio);
      const after = valuesWith(to);
      const gap = orderGap(features, noise, truth.w1, truth.w2, from, to);
      // The largest new value of all rows that were smaller by more than the gap.
      let largest = -Infinity;
      let next = 0;
      for (const row of order) {
        for (; before[order[next]!]! < before[row]! - gap; next++) {
          largest = Math.max(largest, after[order[next]!]!);
        }
        assert.ok(largest <= after[row]!, `D=${features}, noise ${noise}, ${ratio}, row ${row}`);
      }
      // Without such a bound a pass would leave all rows.
      const range = before[order.at(-1)!]! - before[order[0]!]!;
      if (features === 10 && noise === 0.1 && ratio > 0.95 && ratio < 1.1) {
        assert.ok(gap < range / 4 && next > ROWS / 10, `${gap} of ${range}`);
      }
      if (ratio === 1) assert.ok(gap < 0.01);
    }
  }
});

test.run();
