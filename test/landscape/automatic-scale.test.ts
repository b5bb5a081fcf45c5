import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { messageOf } from "../helpers/message-of.js";
import { landscape } from "../../src/landscape/index.js";
import { rounded } from "../../src/landscape/automatic-scale.js";
import { writeDataset } from "../../src/storage/index.js";
import { openDataset } from "../../src/stream/index.js";
import { train } from "../../src/train/index.js";

const folder = await mkdtemp(path.join(tmpdir(), "vadi-scale-"));
const at = (...names: string[]): string => path.join(folder, ...names);
await writeDataset({ kind: "lsm", out: at("data"), rows: 3000, features: 3, workers: 1 });
const dataset = await openDataset(at("data"));
const options = { model: "linear", batchSize: 1000 } as const;
const solved = await train(dataset, { ...options, optimizer: "closed-form", out: at("solved") });

test("auto ends where the loss of the first batch is tenfold, by float64 sums over its rows", async () => {
  const made = await landscape(solved, { scale: "auto", points: 3, batches: 1 });
  const { x, y, rows } = await dataset.head(1000);
  const [centre] = await made.centre();
  const [direction] = await made.directions();
  const lossAt = (alpha: number): number => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      let error = -y[row]!;
      for (let i = 0; i < 3; i++)
        error += x[row * 3 + i]! * (centre!.weights[i]! + alpha * direction![0]!.weights[i]!);
      sum += error * error;
    }
    return sum / rows;
  };
  // (L(α) + L(−α))/2 = L(0) + cα² for the linear model, so that it is tenfold at α = √(9·L(0)/c).
  const c = (lossAt(1) + lossAt(-1)) / 2 - lossAt(0);
  const { scale, alphas, command } = made.record;
  assert.is(scale, rounded(Math.sqrt((9 * lossAt(0)) / c)));
  assert.equal(alphas, [-scale, 0, scale]);
  assert.match(
    command,
    `--scale ${scale} `,
    "the command has the number, for a landscape to compare with",
  );
  assert.match(made.dir, `random-scale-${scale}-seed-42`);
});

test("runs whose valleys are alike get the same scale, which is 1, 2 or 5 times a power of ten", async () => {
  const near = await train(dataset, {
    ...options,
    learningRate: 0.05,
    epochs: 100,
    out: at("near"),
  });
  const scales = [];
  for (const run of [solved, near]) {
    const { record } = await landscape(run, {
      scale: "auto",
      points: 5,
      out: at(`line-${scales.length}`),
    });
    scales.push(record.scale);
  }
  assert.is(scales[0], scales[1]);
  assert.equal([0.13, 0.15, 3.1, 3.3, 8].map(rounded), [0.1, 0.2, 2, 5, 10]);
});

test("lines with ends of their own have no automatic scale", async () => {
  const made = landscape(solved, { scale: "auto", along: "random-points", out: at("points") });
  assert.match(
    await messageOf(made),
    "scale auto goes with along random, gradient, path or curvature",
  );
  const wrong = landscape(solved, { scale: "automatic" as "auto", out: at("wrong") });
  assert.match(
    await messageOf(wrong),
    "scale must be a number above 0 and of at most 1e+30, or auto",
  );
});

test.after(() => rm(folder, { recursive: true, force: true }));
test.run();
