import { assert, test } from "../../helpers/test.js";
import { FIELD, RECORD } from "../../../src/curvature/certificate/event-records.js";
import { createEventSorter } from "../../../src/curvature/certificate/event-sorter.js";
import type { CertifiedInterval } from "../../../src/curvature/certificate/intervals.js";
import { lineNetwork } from "../../../src/curvature/certificate/row/line-network.js";
import { createPartPieces } from "../../../src/curvature/certificate/part-pieces.js";
import { createSweep, type FallingKink } from "../../../src/curvature/certificate/sweep.js";
import type { DenseNetwork } from "../../../src/model/index.js";
import { network, normals, numbers } from "../../landscape/numbers.js";
import { dyadic, exactJet, exactSum, minus, plus, times, toNumber, type Dyadic } from "./exact.js";

interface Batch {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

function certified(centre: DenseNetwork, direction: DenseNetwork, batch: Batch, from = -1, to = 1) {
  const pieces = createPartPieces(lineNetwork(centre, direction), from, to)({ ...batch, first: 0 });
  const intervals: CertifiedInterval[] = [];
  const kinks: FallingKink[] = [];
  const sweep = createSweep({ from, to }, pieces, pieces.events.length / RECORD, {
    interval: (interval) => intervals.push(interval),
    kink: (kink) => kinks.push(kink),
  });
  const sorter = createEventSorter("", Infinity);
  sorter.add(pieces.events);
  const places: number[] = [];
  for (const records of sorter.sorted()) {
    sweep.add(records);
    for (let at = 0; at < records.length; at += RECORD) places.push(records[at + FIELD.from]!);
  }
  return { intervals, kinks, places, ...sweep.finish() };
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
    const {
      intervals,
      kinks,
      counts,
      places: found,
      profile,
    } = certified(centre, direction, batch);
    assert.ok(counts.falling + counts.rising > 0, "there are kinks");
    // With one unit on below, a unit of the second layer switches for all rows in one place.
    assert.ok(counts.undecided <= 3);
    // They cover the line, but for kinks and slivers.
    let covered = 0;
    for (const { from, to, verdict, least, bound } of intervals) {
      covered += to - from;
      if (to - from < 1e-9) continue;
      assert.ok(bound < 1e-9 + 2e-3 * Math.abs(least));
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
        const inside = found.filter((at) => at > from && at < to);
        const places = [from, ...inside.toSorted((one, other) => one - other), to];
        for (const [at, start] of places.slice(0, -1).entries()) {
          const width = places[at + 1]! - start;
          if (width < 1e-9) continue;
          assert.ok(secondDifference(exact, start + width / 2, width * 0.45).m < 0n);
        }
      }
    }
    assert.ok(covered > 2 - 1e-6, String(covered));
    // The loss that is followed from kink to kink is the one of a forward pass.
    for (const at of [0, 137, 500, 731, 1000]) {
      const expected = toNumber(exact(dyadic(profile.alpha[at]!))) / batch.rows;
      assert.ok(
        Math.abs(profile.loss[at]! - expected) < 1e-11 * (1 + expected),
        `${at}: ${profile.loss[at]} ${expected}`,
      );
    }
    // The second derivative itself, exactly, at places within.
    for (const { from, to, verdict, least, bound } of intervals) {
      for (const part of [0.013, 0.31, 0.71, 0.997]) {
        const alpha = from + part * (to - from);
        if (to - from < 1e-9 || found.some((place) => Math.abs(place - alpha) < 1e-12)) continue;
        const [, , bend] = exactJet(centre, direction, dyadic(alpha), batch);
        assert.ok(verdict === "convex" ? bend.m >= 0n : bend.m < 0n);
        assert.ok(toNumber(bend) / batch.rows >= least - bound);
      }
    }
    // The slope of each falling kink, from the derivatives on both sides.
    const delta = 2 ** -38;
    for (const { alpha, slopeChange, bound: rounding } of kinks) {
      assert.ok(slopeChange < -rounding);
      if (found.filter((place) => Math.abs(place - alpha) < 4 * delta).length > 1) continue;
      const [left, right] = [-1, 1].map((side) =>
        exactJet(centre, direction, dyadic(alpha + side * delta), batch),
      );
      const bends = toNumber(plus(left![2], right![2]));
      const change = (toNumber(minus(right![1], left![1])) - delta * bends) / batch.rows;
      assert.ok(Math.abs(change - slopeChange) < rounding + 1e-14, `${change} ${slopeChange}`);
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
  const { places } = certified(centre, direction, batch);
  assert.is(places.length, patternChanges(centre, direction, batch, 2048));
});

test("units of zeros never switch, and a direction of zeros has one interval", async () => {
  const { centre, direction, batch } = given(8, [2, 3, 2, 1], 4);
  centre[0]!.weights.fill(0);
  direction[0]!.weights.fill(0);
  const { intervals, counts } = certified(centre, direction, batch);
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
  const { intervals } = certified(centre, direction, batch);
  assert.ok(intervals.every(({ verdict, least }) => verdict !== "negative" && least === 0));
});

test("a line on which all units are off ends at once, and is undecided at worst", () => {
  // Without rounding the loss is y² there. What is left of the units that switched off is rounding.
  const { centre, direction, batch } = given(7, [4, 9, 5, 1], 6, true);
  for (const [index, layer] of centre.entries()) {
    const along = direction[index]!;
    along.weights.fill(0);
    along.bias!.fill(0);
    if (index === 0) along.bias!.fill(-1);
    if (index === 1) layer.bias!.fill(-0.25);
  }
  const { intervals, counts } = certified(centre, direction, batch, 0, 50);
  assert.ok(counts.falling + counts.rising > 0);
  const last = intervals.at(-1)!;
  assert.is.not(last.verdict, "negative");
  assert.ok(last.to === 50 && last.to - last.from > 30 && intervals.length < 200);
  assert.ok(Math.abs(last.least) <= last.bound);
});

test("numbers that are too large are no proof", () => {
  const { centre, direction, batch } = given(7, [4, 9, 5, 1], 6);
  for (const layer of [...centre, ...direction]) {
    layer.weights = layer.weights.map((value) => value * 1e38);
  }
  batch.x.fill(1e38);
  const pieces = createPartPieces(lineNetwork(centre, direction), -1e3, 1)({ ...batch, first: 0 });
  assert.is(Number.isFinite(pieces.magnitude + pieces.error), false);
});

test.run();
