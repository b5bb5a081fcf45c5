import { assert, test } from "../../helpers/test.js";
import {
  descentBound,
  leastSquaresBound,
  quantile,
  type DescentStep,
} from "../../../src/experiments/bounds/weight-bound.js";
import { normals } from "../../landscape/numbers.js";

/** SGD on least squares in float64, by plain loops over random data, against the bound of its weights. */
interface Setting {
  rows: number;
  batch: number;
  parameters: number;
  noise: number;
  rate: number;
  epochs: number;
  /** Whether each epoch has a new order. */
  isShuffled: boolean;
  weightDecay: number;
  /** Whether the last parameter is a bias: its feature is 1 in every row. */
  hasBias: boolean;
  /** What all starting weights are; the true ones are 1. */
  start: number;
}

const PLAIN: Setting = {
  rows: 2000,
  batch: 50,
  parameters: 4,
  noise: 0.5,
  rate: 0.05,
  epochs: 4,
  isShuffled: true,
  weightDecay: 0,
  hasBias: false,
  start: 0,
};

/** The errors of all parameters after training on new data. */
function trainedErrors(next: () => number, setting: Setting): number[] {
  const { rows, batch, parameters, noise, rate, epochs, isShuffled, weightDecay } = setting;
  const x = Array.from({ length: rows }, () =>
    Array.from({ length: parameters }, (_, at) =>
      setting.hasBias && at === parameters - 1 ? 1 : next(),
    ),
  );
  const y = x.map((row) => row.reduce((sum, value) => sum + value, noise * next()));
  const w = Array.from({ length: parameters }, () => setting.start);
  let order = Array.from({ length: rows }, (_, row) => row);
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (isShuffled) {
      const keys = order.map(() => next());
      order = order.toSorted((a, b) => keys[a]! - keys[b]!);
    }
    for (let from = 0; from < rows; from += batch) {
      const rowsOfStep = order.slice(from, from + batch);
      const gradient = w.map((value) => weightDecay * value);
      for (const row of rowsOfStep) {
        const error = x[row]!.reduce((sum, value, at) => sum + value * w[at]!, -y[row]!);
        for (let at = 0; at < parameters; at++)
          gradient[at]! += (2 * error * x[row]![at]!) / rowsOfStep.length;
      }
      for (let at = 0; at < parameters; at++) w[at]! -= rate * gradient[at]!;
    }
  }
  return w.map((value) => value - 1);
}

function boundOf({ rows, batch, parameters, noise, rate, epochs, ...setting }: Setting): number {
  const steps: DescentStep[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let from = 0; from < rows; from += batch)
      steps.push({ learningRate: rate, rows: Math.min(batch, rows - from) });
  }
  return descentBound(
    { rows, truth: Array.from({ length: parameters }, () => 1), noise },
    {
      start: Array.from({ length: parameters }, () => setting.start),
      weightDecay: setting.weightDecay,
      steps,
    },
  );
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

const SETTINGS: Record<string, Partial<Setting>> = {
  "reshuffled batches": {},
  "batches in one order": { isShuffled: false },
  "large steps": { rate: 0.2, batch: 10 },
  "a last batch of one row": { rows: 2001 },
  "little training": { epochs: 1, rate: 0.01 },
  "little training of weights that start far away": { epochs: 1, rate: 0.01, start: 50 },
  "weight decay": { weightDecay: 0.2 },
  "a bias": { hasBias: true },
  "no noise": { noise: 0, epochs: 8 },
};

for (const [name, changes] of Object.entries(SETTINGS)) {
  test(`the bound of SGD's weights holds and is not loose: ${name}`, () => {
    const setting = { ...PLAIN, ...changes };
    const bound = boundOf(setting);
    const next = normals(7);
    const trials = Array.from({ length: 60 }, () => largest(trainedErrors(next, setting)));
    assert.ok(largest(trials) <= bound, `${largest(trials)} > ${bound}`);
    // Without noise it is rounding to float32 alone, which these loops do not have.
    if (setting.noise > 0) assert.ok(bound < 6 * largest(trials), `${bound} ≫ ${largest(trials)}`);
    else assert.ok(bound < 1e-4);
  });
}

test("at rest SGD's variance is the one that the algebra gives, and the bound has it in full", () => {
  // Each row is seen once, and none is left of the start: what varies is SGD's noise alone.
  const setting = { ...PLAIN, rows: 4000, epochs: 1, rate: 0.1, batch: 10, start: 1 };
  const { rate, noise, batch, parameters } = setting;
  const variance = (rate * noise ** 2) / batch / (1 - rate * (1 + (parameters + 1) / batch));
  const next = normals(11);
  const errors = Array.from({ length: 400 }, () => trainedErrors(next, setting)).flat();
  const found = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
  // A sample variance of 1600 numbers: a relative standard deviation of √(2/1600), three of them.
  assert.ok(Math.abs(found / variance - 1) < 3 * Math.sqrt(2 / errors.length), `${found}`);
  const size = boundOf(setting) / quantile(parameters);
  assert.ok(size > Math.sqrt(variance) && size < 1.6 * Math.sqrt(variance));
});

test("the bound of least squares holds for all weights at once, and knows when there is none", () => {
  const truth = [1, 1, 1];
  const bound = leastSquaresBound({ rows: 2000, truth, noise: 0.5 }, 0);
  // Exact: of 3 normals of standard deviation 0.5/√2000 none is beyond 5.1 of it but once in a million.
  assert.ok(bound > (5.1 * 0.5) / Math.sqrt(2000) && bound < (8 * 0.5) / Math.sqrt(2000));
  assert.is(leastSquaresBound({ rows: 3, truth, noise: 0.5 }, 0), Infinity);
  // XᵀX = N·I would shrink weights of 1 by λ/(N + λ) each.
  assert.ok(leastSquaresBound({ rows: 2000, truth, noise: 0 }, 2000) > 0.5);
});

test.run();
