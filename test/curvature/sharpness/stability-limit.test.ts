import { assert, test } from "../../helpers/test.js";
import {
  learningRateAfter,
  stabilityFormula,
  stabilityLimit,
} from "../../../src/curvature/sharpness/stability-limit.js";
import type { HistoryRow } from "../../../src/train/index.js";

const RATE = 0.3;
const STEPS = 4000;

/** PyTorch's equations on the loss λw²/2 with weight decay, from w = 1: |w| after many steps. */
function distanceAfter(optimizer: string, lambda: number, mu: number, decay: number): number {
  let [weight, velocity] = [1, 0];
  for (let step = 0; step < STEPS; step++) {
    const gradient = (lambda + decay) * weight;
    velocity = mu * velocity + gradient;
    const update =
      optimizer === "momentum"
        ? velocity
        : optimizer === "nesterov"
          ? gradient + mu * velocity
          : gradient;
    weight -= RATE * update;
    if (Math.abs(weight) > 1e9) return Infinity;
  }
  return Math.abs(weight);
}

for (const optimizer of ["sgd", "gradient-descent", "momentum", "nesterov"] as const) {
  test(`${optimizer} converges on a parabola just below the limit, and diverges just above`, () => {
    for (const momentum of [0, 0.5, 0.9]) {
      for (const weightDecay of [0, 0.2]) {
        const settings = { optimizer, learningRate: RATE, momentum, weightDecay };
        const limit = stabilityLimit(settings, RATE)!;
        const what = `${momentum}, ${weightDecay}: ${limit}`;
        assert.ok(distanceAfter(optimizer, 0.99 * limit, momentum, weightDecay) < 1e-3, what);
        assert.is(distanceAfter(optimizer, 1.01 * limit, momentum, weightDecay), Infinity, what);
      }
    }
  });
}

test("gradient descent's limit is 2/η", () => {
  const settings = {
    optimizer: "gradient-descent" as const,
    learningRate: 0.3,
    momentum: 0.9,
    weightDecay: 0,
  };
  assert.is(stabilityLimit(settings, 0.5), 4);
  assert.is(stabilityFormula(settings), "2/η");
});

test("rules that scale each weight's steps, and the closed form, have no limit", () => {
  for (const optimizer of ["adam", "rmsprop", "closed-form"] as const) {
    const settings = { optimizer, learningRate: 1, momentum: 0.9, weightDecay: 0 };
    assert.is(stabilityFormula(settings), undefined);
    assert.is(stabilityLimit(settings, 1), undefined);
  }
});

/** A line of a history. */
function row(step: number, learningRate: number): HistoryRow {
  return { step, learningRate, epoch: 0, rows: 0, loss: 0, seconds: 0 };
}

test("the learning rate after a snapshot is that of the next logged step", () => {
  const history = [row(1, 0.1), row(10, 0.2), row(20, 0.3)];
  const rates = [0, 1, 9, 10, 20, 25].map((step) => learningRateAfter(history, step, 7));
  assert.equal(rates, [0.1, 0.2, 0.2, 0.3, 0.3, 0.3]);
  assert.is(learningRateAfter([], 3, 7), 7);
});

test.run();
