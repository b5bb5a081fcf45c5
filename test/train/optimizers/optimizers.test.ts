import { memory } from "@tensorflow/tfjs-core";
import { assert, test } from "../../helpers/test.js";
import type { TrainingEngine } from "../../../src/train/engine/types.js";
import { createEngine } from "../../../src/train/engine/engine.js";
import { initialNetwork, parseInit } from "../../../src/model/index.js";
import { chooseBackend } from "../../../src/backend/index.js";
import type { BackendName } from "../../../src/backend/index.js";
import {
  arrayAlgebra,
  OPTIMIZER_DEFAULTS,
  STEP_OPTIMIZERS,
  updateParameters,
  updateRule,
  type OptimizerSettings,
} from "../../../src/train/optimizers/index.js";
import { linearData } from "../../helpers/memory-dataset.js";

/*
 * An independent reference: each optimiser as its paper or PyTorch's documentation has it, in
 * float64, one weight at a time, with state of its own.
 */
type Reference = (gradient: number, step: number) => number;

/** The change of one weight at each step, for a learning rate. */
function reference(name: string, rate: number, given: OptimizerSettings): () => Reference {
  const { momentum, alpha, beta1, beta2, epsilon } = given;
  switch (name) {
    case "sgd":
      return () => (g) => -rate * g;
    case "momentum":
      return () => {
        let b = 0;
        return (g, t) => {
          b = t === 1 ? g : momentum * b + g;
          return -rate * b;
        };
      };
    case "nesterov":
      return () => {
        let b = 0;
        return (g, t) => {
          b = t === 1 ? g : momentum * b + g;
          return -rate * (g + momentum * b);
        };
      };
    case "rmsprop":
      return () => {
        let v = 0;
        return (g) => {
          v = alpha * v + (1 - alpha) * g ** 2;
          return (-rate * g) / (Math.sqrt(v) + epsilon);
        };
      };
    default:
      return () => {
        let m = 0;
        let v = 0;
        return (g, t) => {
          m = beta1 * m + (1 - beta1) * g;
          v = beta2 * v + (1 - beta2) * g ** 2;
          const mHat = m / (1 - beta1 ** t);
          const vHat = v / (1 - beta2 ** t);
          return (-rate * mHat) / (Math.sqrt(vHat) + epsilon);
        };
      };
  }
}

const features = 4;
const rows = 32;
const data = linearData(rows, [0.5, -1, 2, 0.25], 0.3);

/** 100 steps of the linear model with its gradient 2Xᵀ(Xw − y)/N, in float64. */
function trainInFloat64(
  start: readonly number[],
  settings: OptimizerSettings,
  rate: number,
  clipNorm: number | undefined,
): number[] {
  const weights = [...start];
  const make = reference(settings.name, rate, settings);
  const changes = weights.map(make);
  for (let step = 1; step <= 100; step++) {
    const gradient = weights.map(() => 0);
    for (let row = 0; row < rows; row++) {
      let residual = -data.y[row]!;
      for (let at = 0; at < features; at++) residual += data.x[row * features + at]! * weights[at]!;
      for (let at = 0; at < features; at++) {
        gradient[at]! += (2 * residual * data.x[row * features + at]!) / rows;
      }
    }
    const norm = Math.hypot(...gradient);
    const factor = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
    for (let at = 0; at < features; at++) {
      const g = gradient[at]! * factor + settings.weightDecay * weights[at]!;
      weights[at]! += changes[at]!(g, step);
    }
  }
  return weights;
}

const network = initialNetwork([features, 1], parseInit("uniform"), 8);
const start = [...network[0]!.weights];

async function steps(engine: TrainingEngine, count: number, rate: number): Promise<void> {
  for (let step = 0; step < count; step++) {
    await engine.step({ ...data, rows }, { learningRate: rate, measure: step % 10 === 0 });
  }
}

const variants: Record<string, { weightDecay: number; clipNorm: number | undefined }> = {
  plain: { weightDecay: 0, clipNorm: undefined },
  "with weight decay and clipping": { weightDecay: 0.1, clipNorm: 0.5 },
};

for (const backend of ["wasm", "cpu"] satisfies BackendName[]) {
  for (const name of STEP_OPTIMIZERS) {
    for (const [variant, { weightDecay, clipNorm }] of Object.entries(variants)) {
      test(`${name} ${variant} on ${backend} follows its equations for 100 steps`, async () => {
        await chooseBackend(backend);
        const optimizer = { name, ...OPTIMIZER_DEFAULTS, weightDecay };
        const rate = 0.02;
        const spec = { model: { kind: "dense" as const, network }, optimizer, clipNorm };
        const engine = await createEngine({ ...spec, gradients: "explicit" }, backend);
        await steps(engine, 1, rate);
        const tensors = memory().numTensors;
        await steps(engine, 99, rate);
        assert.is(memory().numTensors, tensors, "tensors do not grow");
        const state = await engine.export();
        await engine.dispose();
        assert.is(state.step, 100);
        assert.equal(Object.keys(state.slots), [...updateRule(optimizer).slots]);
        const expected = trainInFloat64(start, optimizer, rate, clipNorm);
        const moved = Math.hypot(...expected.map((weight, at) => weight - start[at]!));
        assert.ok(moved > 0.1, "the reference moves");
        for (const [at, weight] of expected.entries()) {
          const error = Math.abs(state.weights[0]![at]! - weight);
          assert.ok(error < 2e-5 * moved, `weight ${at} is off by ${error}`);
        }
      });
    }
  }
}

for (const name of STEP_OPTIMIZERS) {
  test(`${name} goes on from an exported state, bit for bit`, async () => {
    await chooseBackend("wasm");
    const spec = {
      model: { kind: "dense" as const, network },
      optimizer: { name, ...OPTIMIZER_DEFAULTS },
      clipNorm: 1,
      gradients: "explicit" as const,
    };
    const before = memory().numTensors;
    const through = await createEngine(spec, "wasm");
    await steps(through, 10, 0.01);
    const middle = await through.export();
    await steps(through, 10, 0.01);
    const second = await createEngine(spec, "wasm");
    await steps(second, 3, 0.1);
    second.restore(middle);
    await steps(second, 10, 0.01);
    assert.equal(await second.export(), await through.export());
    await through.dispose();
    await second.dispose();
    assert.is(memory().numTensors, before);
  });

  test(`${name} on plain arrays gives the numbers of tensors`, async () => {
    await chooseBackend("wasm");
    const optimizer = { name, ...OPTIMIZER_DEFAULTS, weightDecay: 0.01 };
    const rate = 0.05;
    const engine = await createEngine(
      { model: { kind: "dense", network }, optimizer, clipNorm: undefined, gradients: "explicit" },
      "wasm",
    );
    await steps(engine, 1, rate);
    const one = await engine.export();
    await engine.dispose();
    // The step's gradient, from plain SGD with learning rate 1.
    const plain = await createEngine(
      {
        model: { kind: "dense", network: network.map((layer) => ({ ...layer })) },
        optimizer: { ...optimizer, name: "sgd", weightDecay: 0 },
        clipNorm: undefined,
        gradients: "explicit",
      },
      "wasm",
    );
    await steps(plain, 1, 1);
    const { weights } = await plain.export();
    await plain.dispose();
    const gradient = weights[0]!.map((weight, at) => start[at]! - weight);
    const updated = updateParameters(
      arrayAlgebra,
      optimizer,
      {
        weights: [Float32Array.from(start)],
        slots: updateRule(optimizer).slots.map(() => [new Float32Array(features)]),
      },
      [gradient],
      { step: 1, learningRate: rate, clipNorm: undefined },
    );
    for (const [at, weight] of updated.weights[0]!.entries()) {
      assert.ok(Math.abs(weight - one.weights[0]![at]!) < 1e-6, `${name}, weight ${at}`);
    }
  });
}

test.run();
