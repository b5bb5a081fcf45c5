import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { train } from "../../src/train/index.js";
import type { TrainOptions } from "../../src/train/index.js";
import { learningRateAt } from "../../src/train/schedule.js";
import type { ScheduleSettings } from "../../src/train/schedule.js";
import { inFolder } from "../helpers/folder.js";
import { linearData, memoryDataset } from "../helpers/memory-dataset.js";

const settings: ScheduleSettings = {
  schedule: "constant",
  learningRate: 0.3,
  warmup: 0,
  stepSize: 2,
  gamma: 0.4,
  steps: 12,
  stepsPerEpoch: 4,
};

const ratesOf = (given: ScheduleSettings): number[] =>
  Array.from({ length: given.steps }, (_, at) => learningRateAt(given, at + 1));

function near(found: readonly number[], expected: readonly number[]): void {
  assert.is(found.length, expected.length);
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs(found[at]! - value) <= 1e-15, `step ${at + 1}: ${found[at]} for ${value}`);
  }
}

/** What the learning rates of torch 2.15's schedulers are before each step, as it prints them. */
const torch: Record<string, [Partial<ScheduleSettings>, number[]]> = {
  "ConstantLR(factor=1)": [{ steps: 4 }, [0.3, 0.3, 0.3, 0.3]],
  "StepLR(2, 0.4), moved on every 4 steps": [
    { schedule: "step", steps: 20 },
    [
      ...Array<number>(8).fill(0.3),
      ...Array<number>(8).fill(0.12),
      ...Array<number>(4).fill(0.048),
    ],
  ],
  "CosineAnnealingLR(12)": [
    { schedule: "cosine" },
    [
      0.3, 0.2948888739433602, 0.27990381056766583, 0.2560660171779821, 0.225, 0.18882285676537813,
      0.15000000000000002, 0.11117714323462193, 0.07500000000000005, 0.043933982822017895,
      0.0200961894323342, 0.0051111260566397716,
    ],
  ],
  "LinearLR(1/5, 4), then CosineAnnealingLR(8)": [
    { schedule: "cosine", warmup: 4 },
    [
      0.06, 0.12, 0.18, 0.24, 0.3, 0.288581929876693, 0.2560660171779821, 0.2074025148547635, 0.15,
      0.09259748514523654, 0.04393398282201788, 0.01141807012330699,
    ],
  ],
  "LinearLR(1/4, 3)": [
    { warmup: 3, steps: 6 },
    [
      0.075, 0.15, 0.22499999999999998, 0.29999999999999993, 0.29999999999999993,
      0.29999999999999993,
    ],
  ],
};

for (const [name, [given, expected]] of Object.entries(torch)) {
  test(`learning rates are those of torch: ${name}`, () => {
    near(ratesOf({ ...settings, ...given }), expected);
  });
}

test("the cosine follows PyTorch's recursion over a long training", () => {
  const steps = 5000;
  const rates = ratesOf({ ...settings, schedule: "cosine", steps });
  // η(t + 1) = η(t)·(1 + cos(π(t + 1)/T))/(1 + cos(πt/T)), with η_min = 0.
  let rate = 0.3;
  for (let t = 0; t < steps; t++) {
    assert.ok(Math.abs(rates[t]! - rate) < 1e-12, `step ${t + 1}`);
    rate *= (1 + Math.cos((Math.PI * (t + 1)) / steps)) / (1 + Math.cos((Math.PI * t) / steps));
  }
});

const { x, y } = linearData(40, [1, -2], 0.1);

test(
  "a training takes its steps with the schedule's learning rates",
  inFolder(async (folder) => {
    const dataset = memoryDataset(x, y);
    const cases: [string, Partial<TrainOptions>, Partial<ScheduleSettings>][] = [
      ["step", { schedule: "step", stepSize: 2, gamma: 0.4 }, { schedule: "step" }],
      ["cosine", { schedule: "cosine", warmup: 5 }, { schedule: "cosine", warmup: 5 }],
    ];
    for (const [name, options, given] of cases) {
      const run = await train(dataset, {
        ...options,
        out: path.join(folder, name),
        learningRate: 0.03,
        batchSize: 10,
        epochs: 5,
        shuffle: "none",
      });
      const start = await train(dataset, { out: path.join(folder, `${name} 0`), epochs: 0 });
      const rates = ratesOf({ ...settings, ...given, learningRate: 0.03, steps: 20 });
      assert.equal(
        (await run.history()).map(({ learningRate }) => learningRate),
        rates,
      );
      const w = Float64Array.from(start.record.result!.weights!);
      for (const [step, rate] of rates.entries()) descend(w, (step % 4) * 10, 10, rate);
      for (const [at, weight] of run.record.result!.weights!.entries()) {
        assert.ok(Math.abs(weight - w[at]!) < 1e-6);
      }
    }
  }),
);

/** One step of gradient descent on rows from, from+1, …, in float64. */
function descend(w: Float64Array, from: number, rows: number, rate: number): void {
  const gradient = new Float64Array(2);
  for (let row = from; row < from + rows; row++) {
    const residual = w[0]! * x[2 * row]! + w[1]! * x[2 * row + 1]! - y[row]!;
    for (const at of [0, 1]) gradient[at]! += (2 * residual * x[2 * row + at]!) / rows;
  }
  for (const at of [0, 1]) w[at]! -= rate * gradient[at]!;
}

test(
  "early stopping: epoch by epoch as in float64, and the weights of the best one",
  inFolder(async (folder) => {
    const training = memoryDataset(x, y);
    const start = await train(training, { out: path.join(folder, "start"), epochs: 0 });
    const [a = 0, b = 0] = start.record.result!.weights!;
    // What the kept rows want lies on the way from the start to what the others want.
    const wanted = [a + 0.4 * (1 - a), b + 0.4 * (-2 - b)] as const;
    const kept = Float32Array.from(
      { length: 40 },
      (_, row) => wanted[0] * x[2 * row]! + wanted[1] * x[2 * row + 1]! + 0.05 * (row % 3),
    );
    const validation = memoryDataset(x, kept);
    const dataset = { ...training, split: () => Promise.resolve([training, validation]) };
    const epochs = 30;
    const w = Float64Array.from([a, b]);
    const losses: number[] = [];
    const passed: number[][] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let from = 0; from < 40; from += 10) descend(w, from, 10, 0.02);
      passed.push([...w]);
      let squares = 0;
      for (let row = 0; row < 40; row++) {
        squares += (w[0]! * x[2 * row]! + w[1]! * x[2 * row + 1]! - kept[row]!) ** 2;
      }
      losses.push(squares / 40);
    }
    const best = losses.indexOf(Math.min(...losses));
    assert.ok(best > 1 && best + 3 < epochs - 1, `the example has its best epoch within: ${best}`);
    for (const patience of [1, 3, undefined]) {
      const run = await train(dataset, {
        out: path.join(folder, `patience ${patience}`),
        learningRate: 0.02,
        batchSize: 10,
        shuffle: "none",
        epochs,
        validation: 0.5,
        ...(patience !== undefined && { patience }),
      });
      const taken = patience === undefined ? epochs : best + 1 + patience;
      const { steps, weights, validation: found } = run.record.result!;
      assert.is(steps, 4 * taken);
      assert.is(found!.epoch, best + 1);
      assert.is(found!.rows, 40);
      assert.is(found!.stoppedEarly, patience !== undefined);
      assert.is(found!.losses.length, taken);
      for (const [epoch, loss] of found!.losses.entries()) {
        assert.ok(Math.abs(loss - losses[epoch]!) < 1e-6 * losses[epoch]!, `epoch ${epoch + 1}`);
      }
      assert.is(found!.loss, found!.losses[best]);
      const expected = passed[patience === undefined ? epochs - 1 : best]!;
      for (const [at, weight] of weights!.entries()) {
        assert.ok(Math.abs(weight - expected[at]!) < 1e-6);
      }
      assert.equal([...(await run.network())[0]!.weights], weights);
    }
  }),
);

test.run();
