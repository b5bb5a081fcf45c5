import { assert, test } from "../../helpers/test.js";
import { summaryOfPath } from "../../../src/curvature/sharpness/summary.js";
import type { SnapshotSharpness } from "../../../src/curvature/index.js";

/** Snapshots every ten steps with a limit of 10. */
function pathOf(...values: [largest: number, residual: number][]): SnapshotSharpness[] {
  return values.map(([largest, residual], at) => ({ step: 10 * at, largest, residual, limit: 10 }));
}

test("the crossing lies between the last snapshot that is surely below and the first that is surely above", () => {
  const path = pathOf(
    [4, 0.1],
    [9, 0.1],
    [9.95, 0.1],
    [10.05, 0.1],
    [11, 0.1],
    [9.5, 0.1],
    [12, 0.1],
  );
  const { stability, first, last, highest } = summaryOfPath(path, "2/η", 0.05);
  assert.equal(stability, {
    formula: "2/η",
    above: 2,
    below: 3,
    undecided: 2,
    crossing: { after: 10, by: 40, limit: 10 },
    nearest: {
      step: 60,
      ratio: 1.2,
    },
    since: {
      snapshots: 3,
      above: 2,
      least: 0.95,
      mean: (1.1 + 0.95 + 1.2) / 3,
      largest: 1.2,
    },
  });
  assert.equal([first, last, highest], [path[0], path[6], path[6]]);
});

test("a path that stays below, and one that begins above", () => {
  const below = summaryOfPath(pathOf([4, 0], [8, 0], [6, 0]), "2/η", 1e-3);
  assert.is(below.stability?.crossing, null);
  assert.is(below.stability?.since, null);
  assert.equal(below.stability?.nearest, { step: 10, ratio: 0.8 });
  assert.is(below.highest.step, 10);
  const above = summaryOfPath(pathOf([14, 0], [8, 0]), "2/η", 1e-3);
  assert.equal(above.stability?.crossing, { after: null, by: 0, limit: 10 });
  assert.is(above.stability?.since?.snapshots, 2);
});

test("residuals that are too large are counted, and undecided sides are no crossing", () => {
  const path = pathOf([9.9, 0.5], [10.1, 0.5], [10.3, 0.001]);
  const { unconverged, stability } = summaryOfPath(path, "2/η", 0.01);
  assert.is(unconverged, 2);
  assert.equal(stability?.crossing, { after: null, by: 20, limit: 10 });
  assert.is(stability?.undecided, 2);
  assert.is(summaryOfPath(path, undefined, 0.01).stability, null);
});

test.run();
