import { rm } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { lossesOf, pointwise, quadratic } from "../../../src/landscape/methods/curves.js";
import { openLossLog } from "../../../src/landscape/summary/loss-log.js";
import { summarise, summariseLosses } from "../../../src/landscape/summary/summary.js";
import { inFolder } from "../../helpers/folder.js";

const at = (batch: number, point: number) => ((batch * 7919 + point * 104_729) % 1009) / 1009;
/** Curves of 50 batches that cross each other; some overflow, one is once no number. */
function curve(batch: number, point: number): number {
  if (point === 60 && batch === 20) return NaN;
  if (point > 180 && batch % 7 === 0) return Infinity;
  return (point / 100 - 1 - at(batch, 0)) ** 2 + at(batch, 1);
}
const line = (points: number, betas = [0]) => ({
  alphas: Float64Array.from({ length: points }, (_, point) => (4 * point) / (points - 1) - 2),
  betas: Float64Array.from(betas),
});
const of = (...losses: number[]) => summariseLosses(Float64Array.from(losses));

test("quantiles interpolate linearly (type 7), variance divides by n − 1", () => {
  const row = of(4, 1, 10, 2, 3);
  // Sorted 1 2 3 4 10: position (n − 1)·q = 4q; by hand, as numpy.quantile gives them.
  assert.is(row.mean, 4);
  assert.is(row.variance, (0 + 9 + 36 + 4 + 1) / 4);
  assert.equal([row.min, row.max], [1, 10]);
  assert.ok(Math.abs(row.q05 - 1.2) < 1e-15);
  assert.equal([row.q25, row.q50, row.q75], [2, 3, 4]);
  assert.ok(Math.abs(row.q95 - 8.8) < 1e-14);
});

test("an even number of batches: the median lies between two of them", () => {
  const row = of(1, 2, 4, 8);
  // Positions 0.15, 0.75, 1.5, 2.25, 2.85 in 1 2 4 8.
  const found = [row.q05, row.q25, row.q50, row.q75, row.q95];
  for (const [index, expected] of [1.15, 1.75, 3, 5, 7.4].entries()) {
    assert.ok(Math.abs(found[index]! - expected) < 1e-14);
  }
});

test("one batch has no variance, and all its quantiles are its loss", () => {
  const { mean, variance, q05, q95 } = of(3);
  assert.equal([mean, variance, q05, q95], [3, 0, 3, 3]);
});

test("a loss that has overflowed is counted, not dropped", () => {
  const row = of(1, Infinity, 2, Infinity, 3);
  assert.equal([row.mean, row.variance, row.max], [Infinity, Infinity, Infinity]);
  assert.equal([row.min, row.q25, row.q50, row.q75], [1, 2, 3, Infinity]);
  const alone = of(Infinity);
  assert.equal([alone.mean, alone.variance, alone.q50], [Infinity, 0, Infinity]);
});

test(
  "more losses than are held at once are summarised point by point, in the order of the batches",
  inFolder(async (folder) => {
    // 3000 batches × 3000 points are 72 MB, more than twice what is held at once.
    const file = path.join(folder, "losses.bin");
    const log = openLossLog(file, pointwise(line(3000)));
    for (let batch = 2999; batch >= 0; batch--) {
      log.append(
        batch,
        Float64Array.from({ length: 3000 }, (_, point) => at(batch, point)),
      );
    }
    const batches = Array.from({ length: 3000 }, (_, batch) => batch);
    const summary = await summarise(log, batches, 3000, () => Promise.resolve());
    for (const point of [0, 1, 2, 17, 500, 1398, 1399, 2998, 2999]) {
      const expected = of(...batches.map((batch) => at(batch, point)));
      for (const name of ["mean", "variance", "min", "q25", "q50", "q95", "max"] as const) {
        assert.is(summary[name][point], expected[name], `${name} of point ${point}`);
      }
    }
    log.close();
    await rm(file);
  }),
);

test(
  "curves that cross are summarised as each point's losses alone would be, overflow and what is no number included",
  inFolder(async (folder) => {
    const points = 200;
    const batches = Array.from({ length: 50 }, (_, batch) => batch);
    const log = openLossLog(path.join(folder, "losses.bin"), pointwise(line(points)));
    for (const batch of batches) {
      log.append(
        batch,
        Float64Array.from({ length: points }, (_, point) => curve(batch, point)),
      );
    }
    const summary = await summarise(log, batches, points, () => Promise.resolve());
    for (let point = 0; point < points; point++) {
      const expected = of(...batches.map((batch) => curve(batch, point)));
      for (const [name, value] of Object.entries(expected)) {
        assert.ok(
          Object.is(summary[name as keyof typeof summary][point], value),
          `${name} at ${point}`,
        );
      }
    }
    log.close();
  }),
);

/** Means of r², rq, q², rs, qs and s² over three rows that depend on the batch. */
function meansOf(batch: number, size = 1): Float64Array {
  const means = new Float64Array(6);
  for (const row of [1, 2, 3]) {
    const [r, q, s] = [0, 1, 2].map((which) => size * (at(batch, 3 * row + which) - 0.4));
    for (const [index, product] of [r! * r!, r! * q!, q! * q!, r! * s!, q! * s!, s! * s!].entries())
      means[index]! += product / 3;
  }
  return means;
}

/** Asserts that numbers are equal but for their last digits; Infinity is Infinity. */
function assertClose(found: Float64Array, expected: Float64Array): void {
  for (const [point, value] of expected.entries()) {
    const close = Math.abs(found[point]! - value) <= 1e-13 * value;
    assert.ok(close || found[point] === value, `${found[point]} for ${value} at ${point}`);
  }
}

for (const [what, sizeOf] of [
  ["cross", () => 1],
  ["overflow at most points", (batch: number) => (batch % 7 === 3 ? 1e154 : 1)],
  ["overflow everywhere", (batch: number) => (batch % 7 === 3 ? Infinity : 1)],
] as const) {
  test(
    `quadratics that ${what} are summarised as their losses would be`,
    inFolder(async (folder) => {
      for (const [points, count, betas] of [
        [301, 53, [0]],
        [2, 400, [0]],
        [7, 1, [0]],
        [40, 30, [-1, 0, 1.5]],
      ] as const) {
        const grid = line(points, [...betas]);
        const batches = Array.from({ length: count }, (_, batch) => batch);
        const logs = [quadratic(grid), pointwise(grid)].map((curves) =>
          openLossLog(path.join(folder, `${points}-${curves.width}.bin`), curves),
        );
        const total = points * betas.length;
        for (const batch of batches) {
          const means = meansOf(batch, sizeOf(batch));
          if (sizeOf(batch) === Infinity) means.fill(Infinity);
          logs[0]!.append(batch, means);
          logs[1]!.append(batch, lossesOf(logs[0]!.curves, total, means));
        }
        const [computed, read] = await Promise.all(
          logs.map((log) => summarise(log, batches, total, () => Promise.resolve())),
        );
        const { mean, variance, ...ranks } = computed!;
        const { mean: readMean, variance: readVariance, ...readRanks } = read!;
        assert.equal(ranks, readRanks);
        assertClose(mean, readMean);
        assertClose(variance, readVariance);
        for (const point of [0, total - 1]) {
          const losses = batches.map((batch) => {
            const loss = new Float64Array(1);
            logs[1]!.readInto(loss, batch, point);
            return loss[0]!;
          });
          const { mean: _, variance: __, ...expected } = of(...losses);
          for (const [name, value] of Object.entries(expected)) {
            assert.is(ranks[name as keyof typeof ranks][point], value, `${name} at ${point}`);
          }
        }
        for (const log of logs) log.close();
      }
    }),
  );
}

test.run();
