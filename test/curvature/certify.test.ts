import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { certify, openCertificate } from "../../src/curvature/index.js";
import { example, folder, refused } from "../landscape/example.js";
import { lossAt } from "../landscape/numbers.js";

test("a ReLU network's line: intervals, kinks, and the verdict", async () => {
  const { run, dataset, x, y } = example([3, 6, 4, 1], 90, "certified");
  const made = await certify(run, { dataset, batches: "all", from: -2, to: 2 });
  const { record } = await openCertificate(made.dir);
  assert.equal(record, made.record);
  assert.is(record.rows, 90);
  assert.equal(record.batches, [0, 1, 2]);
  assert.is(record.convex, false);
  const [intervals, kinks] = [await made.intervals(), await made.kinks()];
  assert.is(intervals.length, record.intervalCount);
  assert.is(kinks.length, record.kinkCounts.falling);
  assert.ok(kinks.length > 0 && kinks.every(({ slopeChange, bound }) => slopeChange < -bound));
  assert.ok(kinks.every(({ row, layer, unit }) => row < 90 && [1, 2].includes(layer) && unit < 6));
  // The mean's second differences in the widest intervals, by forward passes in float64.
  const [centre, direction] = [await made.centre(), await made.direction()];
  const loss = (alpha: number): number => lossAt(centre, direction, alpha, x, y);
  const widest = intervals.toSorted((one, other) => other.to - other.from - one.to + one.from);
  for (const { from, to, verdict, least } of widest.slice(0, 20)) {
    const [middle, step] = [(from + to) / 2, (to - from) / 2.1];
    const second = (loss(middle - step) - 2 * loss(middle) + loss(middle + step)) / step ** 2;
    if (verdict === "convex") assert.ok(second > -1e-6 && second > least - 1e-6, `${second}`);
  }
  // What is there is kept, or refused.
  assert.equal(
    (await certify(run, { dataset, batches: "all", from: -2, to: 2, resume: true })).record,
    record,
  );
  await refused(certify(run, { dataset, batches: "all", from: -2, to: 2 }), "usage", "force");
});

function secondDifference(values: readonly number[], at: number): number {
  return values[at - 1]! - 2 * values[at]! + values[at + 1]!;
}

test("10-40-20-1: the loss and its second differences are those of forward passes", async () => {
  const { run, dataset, x, y } = example([10, 40, 20, 1], 1000, "certified-larger");
  const made = await certify(run, { dataset, batches: "all", seed: 4 });
  const [centre, direction] = [await made.centre(), await made.direction()];
  const { alpha, loss } = await made.profile();
  const expected = Array.from({ length: 41 }, (_, at) =>
    lossAt(centre, direction, alpha[25 * at]!, x, y),
  );
  const found = expected.map((_, at) => loss[25 * at]!);
  const tolerance = 1e-11 * Math.max(...expected);
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs(found[at]! - value) < tolerance, `${at}: ${found[at]} ${value}`);
    if (at === 0 || at === 40) continue;
    assert.ok(Math.abs(secondDifference(found, at) - secondDifference(expected, at)) < tolerance);
  }
  const { kinkCounts } = made.record;
  const { quotient, fromKinks, switches } = made.record.secondDifference;
  const whole = expected[0]! - 2 * expected[20]! + expected[40]!;
  assert.ok(Math.abs(quotient - whole) < tolerance, `${quotient} ${whole}`);
  const { falling, rising, undecided } = kinkCounts;
  assert.ok(switches >= falling + rising);
  // What is not of the kinks is the integral of the second derivative.
  const { secondDerivative } = await made.profile();
  let smooth = 0;
  for (const [at, value] of secondDerivative.entries()) {
    smooth += (value * (1 - Math.abs(alpha[at]!)) * 2) / 1000;
  }
  assert.ok(Math.abs(smooth - (quotient - fromKinks)) < 1e-3 * Math.abs(smooth));
  assert.ok(falling > 20_000 && rising > 20_000 && undecided <= 1);
});

test("memory for a few kinks, threads, and an interruption change no byte", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 3000, "certified-in-parts");
  const options = { dataset, batches: "all" as const, along: "random" as const };
  const whole = await certify(run, options);
  const out = path.join(folder, "certified-parts");
  const controller = new AbortController();
  const small = { ...options, out, memory: 16_384 };
  const first = certify(run, {
    ...small,
    signal: controller.signal,
    onProgress: ({ done, phase }) => {
      if (phase === "finding kinks" && done >= 1500) controller.abort();
    },
  });
  await refused(first, "interrupted", "resume");
  await refused(certify(run, small), "usage", "not finished");
  await refused(certify(run, { ...small, resume: true, seed: 3 }), "failed", "another seed");
  const done: number[] = [];
  const made = await certify(run, {
    ...small,
    resume: true,
    onProgress: (progress) => {
      if (progress.phase === "finding kinks") done.push(progress.done);
    },
  });
  assert.ok(done[0]! > 1000 && done.at(-1) === 3000, "it continues");
  for (const file of ["intervals", "kinks", "profile"].map((name) => `${name}.parquet`)) {
    assert.equal(
      await readFile(path.join(made.dir, file)),
      await readFile(path.join(whole.dir, file)),
    );
  }
  assert.not.ok(existsSync(path.join(out, ".partial")));
  await refused(certify(run, { ...small, resume: true, to: 2 }), "usage", "another to", "force");
});

test("the linear model is convex on the whole line", async () => {
  const { run, dataset, x, y } = example([3, 1], 90, "certified-linear");
  const made = await certify(run, { dataset, batches: "all" });
  const { record, direction } = made;
  assert.is(record.convex, true);
  assert.is(record.intervals.length, 1);
  const { weights } = (await direction())[0]!;
  let sum = 0;
  for (let row = 0; row < 90; row++) {
    let q = 0;
    for (let at = 0; at < 3; at++) q += x[row * 3 + at]! * weights[at]!;
    sum += q * q;
  }
  assert.ok(Math.abs(record.least.least - (2 * sum) / 90) <= record.least.bound + 1e-15);
  assert.equal(record.kinkCounts, { falling: 0, rising: 0, undecided: 0 });
  const { alpha, loss, slope } = await made.profile();
  const [centre, along] = [await made.centre(), await made.direction()];
  for (const at of [0, 400, 1000]) {
    assert.ok(Math.abs(loss[at]! - lossAt(centre, along, alpha[at]!, x, y)) < 1e-12 * loss[at]!);
  }
  const rise = ((slope[1000]! + slope[0]!) / 2) * 2;
  assert.ok(Math.abs(loss[1000]! - loss[0]! - rise) < 1e-9, "a quadratic");
});

test("other models and lines that cannot be are refused", async () => {
  const { run, dataset } = example([3, 4, 4, 4, 1], 9, "certified-deep");
  await refused(certify(run, { dataset }), "usage", "one or two hidden layers");
  const shallow = example([3, 4, 1], 9, "certified-wrong");
  const out = path.join(folder, "certified-out");
  await refused(
    certify(shallow.run, { dataset: shallow.dataset, from: 1, to: -1, out }),
    "usage",
    "from",
    "to",
  );
});

test.run();
