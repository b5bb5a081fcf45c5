import { assert, test } from "../../helpers/test.js";
import { linePieces } from "../../../src/curvature/certificate/line-pieces.js";
import { sweepLine } from "../../../src/curvature/certificate/sweep.js";
import type { DenseNetwork } from "../../../src/model/index.js";
import { network, normals, numbers } from "../../landscape/numbers.js";
import { dyadic, exactSum, minus, plus, times, toNumber, type Dyadic } from "./exact.js";

interface Batch {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

async function certified(
  centre: DenseNetwork,
  direction: DenseNetwork,
  batch: Batch,
  from = -1,
  to = 1,
) {
  async function* source() {
    yield { ...batch, first: 0 };
  }
  const line = { centre, direction, from, to };
  const pieces = await linePieces(line, source(), 1e6, () => Promise.resolve());
  return { ...sweepLine(pieces!), pieces: pieces! };
}

function given(seed: number, widths: number[], rows: number, bias = false) {
  const next = normals(seed);
  const centre = network(next, widths, 0.7);
  const direction = network(next, widths, 0.5);
  if (bias) {
    for (const model of [centre, direction]) {
      for (const layer of model) layer.bias = numbers(next, layer.outputs, 0.4);
    }
  }
  return {
    centre,
    direction,
    batch: { x: numbers(next, rows * widths[0]!), y: numbers(next, rows), rows },
  };
}

/** f(a − h) − 2f(a) + f(a + h) of the mean loss times the rows, exactly. */
function secondDifference(f: (alpha: Dyadic) => Dyadic, alpha: number, step: number): Dyadic {
  const [a, h] = [dyadic(alpha), dyadic(step)];
  const middle = f(a);
  return minus(plus(f(minus(a, h)), f(plus(a, h))), plus(middle, middle));
}

for (const [seed, widths, rows, bias] of [
  [1, [2, 3, 2, 1], 3, false],
  [12, [3, 4, 3, 1], 5, false],
  [3, [2, 5, 1], 4, false],
  [4, [3, 4, 1], 1, true],
  [5, [2, 6, 5, 1], 2, false],
] as const) {
  test(`${widths.join("-")}, ${rows} rows: intervals and kinks are those of exact arithmetic`, async () => {
    const { centre, direction, batch } = given(seed, [...widths], rows, bias);
    const exact = (alpha: Dyadic): Dyadic => exactSum(centre, direction, alpha, batch);
    const { intervals, kinks, counts, pieces } = await certified(centre, direction, batch);
    assert.ok(counts.falling + counts.rising > 0, "there are kinks");
    // With one unit on below, a unit of the second layer switches for all rows in one place.
    assert.ok(counts.undecided <= 3);
    // They cover the line, but for kinks and slivers.
    let covered = 0;
    for (const { from, to, verdict, least, bound } of intervals) {
      covered += to - from;
      if (to - from < 1e-9) continue;
      assert.ok(bound < 1e-9);
      assert.is.not(verdict, "undecided");
      const middle = (from + to) / 2;
      if (verdict === "convex") {
        assert.ok(least >= -bound);
        // The chord lies above at every scale.
        for (const part of [0.49, 0.2, 0.01]) {
          assert.ok(secondDifference(exact, middle, part * (to - from)).m >= 0n);
        }
      } else {
        assert.ok(least < 0);
        // Between kinks, the second difference is negative.
        const inside = [...pieces.events.column("from")].filter((at) => at > from && at < to);
        const places = [from, ...inside.toSorted((one, other) => one - other), to];
        for (const [at, start] of places.slice(0, -1).entries()) {
          const width = places[at + 1]! - start;
          if (width < 1e-9) continue;
          assert.ok(secondDifference(exact, start + width / 2, width * 0.45).m < 0n);
        }
      }
    }
    assert.ok(covered > 2 - 1e-6, String(covered));
    // The slope of each falling kink, by differences on both sides.
    const places = [...pieces.events.column("from")];
    for (const { alpha, slopeChange: expected } of kinks) {
      const distances = places
        .map((place) => Math.abs(place - alpha))
        .filter((value) => value > 1e-9);
      const step = Math.min(1e-3, ...distances) / 8;
      const slope = (side: number): number => {
        const [near, far] = [step, 2 * step].map((h) =>
          exact(plus(dyadic(alpha), dyadic(side * h))),
        );
        // Of first order at the kink, by extrapolation.
        const here = exact(dyadic(alpha));
        return (4 * toNumber(minus(near!, here)) - toNumber(minus(far!, here))) / (2 * side * step);
      };
      const change = (slope(1) - slope(-1)) / batch.rows;
      assert.ok(expected < 0);
      assert.ok(
        Math.abs(change - expected) < 1e-3 * Math.abs(expected) + 40 * step * step + 1e-9,
        `${change} ${expected}`,
      );
    }
  });
}

/** Where units switch, by the exact signs of all pre-activations on a fine grid. */
function patternChanges(
  centre: DenseNetwork,
  direction: DenseNetwork,
  batch: Batch,
  points: number,
): number {
  const pattern = (alpha: Dyadic): string[] => {
    const features = centre[0]!.inputs;
    return Array.from({ length: batch.rows }, (_, row) => {
      let values = Array.from(batch.x.subarray(row * features, (row + 1) * features), dyadic);
      let signs = "";
      for (const [index, { outputs, weights, activation }] of centre.entries()) {
        const below = values;
        values = Array.from({ length: outputs }, (_unit, unit) => {
          let total: Dyadic = { m: 0n, e: 0 };
          for (const [input, value] of below.entries()) {
            const at = input * outputs + unit;
            const weight = plus(
              dyadic(weights[at]!),
              times(alpha, dyadic(direction[index]!.weights[at]!)),
            );
            total = plus(total, times(value, weight));
          }
          if (activation !== "relu") return total;
          signs += total.m > 0n ? "1" : "0";
          return total.m < 0n ? { m: 0n, e: 0 } : total;
        });
      }
      return signs;
    });
  };
  let changes = 0;
  let before = pattern(dyadic(-1));
  for (let point = 1; point <= points; point++) {
    const now = pattern(dyadic(-1 + (2 * point) / points));
    for (const [row, signs] of now.entries()) {
      for (let at = 0; at < signs.length; at++) if (signs[at] !== before[row]![at]) changes++;
    }
    before = now;
  }
  return changes;
}

test("there are as many kinks as units that switch", async () => {
  const { centre, direction, batch } = given(6, [3, 12, 3, 1], 4);
  const { pieces } = await certified(centre, direction, batch);
  assert.is(pieces.events.count, patternChanges(centre, direction, batch, 2048));
});

test("units of zeros never switch, and a direction of zeros has one interval", async () => {
  const { centre, direction, batch } = given(8, [2, 3, 2, 1], 4);
  centre[0]!.weights.fill(0);
  direction[0]!.weights.fill(0);
  const { intervals, counts } = await certified(centre, direction, batch);
  assert.equal(counts, { falling: 0, rising: 0, undecided: 0 });
  assert.is(intervals.length, 1);
  assert.is(intervals[0]!.verdict, "convex");
});

test("what rounding hides is undecided", async () => {
  // Two rows whose residuals cancel to the last digit: the second derivative is 0, and nothing proves it.
  const centre: DenseNetwork = [
    { inputs: 1, outputs: 1, activation: "relu", weights: Float32Array.of(0.1) },
    { inputs: 1, outputs: 1, activation: "linear", weights: Float32Array.of(0) },
  ];
  const direction: DenseNetwork = [
    { ...centre[0]!, weights: Float32Array.of(0) },
    { ...centre[1]!, weights: Float32Array.of(0) },
  ];
  const batch = { x: Float32Array.of(0.3, 0.7), y: Float32Array.of(0.1, -0.1), rows: 2 };
  const { intervals } = await certified(centre, direction, batch);
  assert.ok(intervals.every(({ verdict, least }) => verdict !== "negative" && least === 0));
});

test("more events than there is room for are not given", async () => {
  const { centre, direction, batch } = given(7, [6, 20, 10, 1], 50);
  async function* source() {
    yield { ...batch, first: 0 };
  }
  const line = { centre, direction, from: -1, to: 1 };
  assert.is(await linePieces(line, source(), 10, () => Promise.resolve()), undefined);
});

test.run();
