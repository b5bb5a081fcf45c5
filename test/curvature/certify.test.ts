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

test("the linear model is convex on the whole line", async () => {
  const { run, dataset, x } = example([3, 1], 90, "certified-linear");
  const { record, direction } = await certify(run, { dataset, batches: "all" });
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
