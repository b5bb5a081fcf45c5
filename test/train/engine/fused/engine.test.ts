import { memory } from "@tensorflow/tfjs-core";
import { assert, test } from "../../../helpers/test.js";
import { findEngine } from "../../../../src/train/engine/engine.js";
import type {
  EngineSpec,
  EngineState,
  TrainingEngine,
} from "../../../../src/train/engine/types.js";
import { createFusedEngine } from "../../../../src/train/engine/fused/index.js";
import { initialNetwork } from "../../../../src/model/index.js";
import { chooseBackend } from "../../../../src/backend/index.js";
import { OPTIMIZER_DEFAULTS, STEP_OPTIMIZERS } from "../../../../src/train/optimizers/index.js";
import type { StepOptimizerName } from "../../../../src/train/optimizers/index.js";
import { tensorEngine } from "../../../../src/train/engine/tensor-engine.js";
import { linearData } from "../../../helpers/memory-dataset.js";

const rows = 600;
const data = { ...linearData(rows, [0.5, -1, 2, 0.25], 0.3), rows };

function specOf(name: StepOptimizerName, widths = [4, 12, 5, 1], clipNorm?: number): EngineSpec {
  const form = { activation: "relu", bias: true } as const;
  const network = initialNetwork(widths, { kind: "uniform" }, 3, form);
  return {
    model: { kind: "dense", network },
    optimizer: { name, ...OPTIMIZER_DEFAULTS, weightDecay: 0.01 },
    clipNorm,
    gradients: "explicit",
  };
}

async function steps(engine: TrainingEngine, count: number): Promise<(number | undefined)[]> {
  const losses = [];
  for (let step = 0; step < count; step++) {
    // A batch of another size every time.
    const batch = { ...data, rows: rows - 7 * step };
    losses.push(await engine.step(batch, { learningRate: 0.01, measure: step % 2 === 1 }));
  }
  return losses;
}

function bytesOf({ step, weights, slots }: EngineState): string {
  const arrays = [...weights, ...Object.values(slots).flat()];
  return [step, ...arrays.map((values) => Buffer.from(values.buffer).toString("hex"))].join();
}

for (const name of STEP_OPTIMIZERS) {
  test(`${name}: steps agree with those in tensors`, async () => {
    await chooseBackend("wasm");
    const spec = specOf(name, [4, 12, 5, 1], 0.5);
    const fused = await createFusedEngine(spec);
    const tensors = await tensorEngine.create(spec);
    const losses = await steps(fused, 20);
    const expected = await steps(tensors, 20);
    for (const [step, loss] of losses.entries()) {
      assert.is(loss === undefined, step % 2 === 0, "a loss where it is asked for");
      if (loss !== undefined) assert.ok(Math.abs(loss - expected[step]!) < 1e-5 * loss);
    }
    const found = await fused.export();
    const { weights, step } = await tensors.export();
    assert.is(found.step, step);
    for (const [parameter, values] of weights.entries()) {
      for (const [at, value] of values.entries()) {
        assert.ok(Math.abs(found.weights[parameter]![at]! - value) < 1e-5);
      }
    }
    await fused.dispose();
    await tensors.dispose();
  });

  test(`${name}: a state that was exported goes on to the same bits`, async () => {
    const whole = await createFusedEngine(specOf(name), 1);
    await steps(whole, 5);
    const between = await whole.export();
    const kept = bytesOf(between);
    await steps(whole, 5);
    assert.is(bytesOf(between), kept, "what was exported is a copy");
    const resumed = await createFusedEngine(specOf(name), 2);
    resumed.restore(between);
    await steps(resumed, 5);
    assert.is(bytesOf(await resumed.export()), bytesOf(await whole.export()));
    await whole.dispose();
    await resumed.dispose();
  });
}

test("steps make no tensors", async () => {
  const before = memory().numTensors;
  const engine = await createFusedEngine(specOf("adam"));
  await steps(engine, 10);
  assert.is(memory().numTensors, before);
  await engine.dispose();
});

function engineOf(spec: EngineSpec, backend: string): string | undefined {
  return findEngine(spec, backend)?.name;
}

test("it takes dense networks on wasm and linear models on cpu, unless autodiff is asked for", () => {
  const linear = specOf("sgd", [4, 1]);
  assert.is(engineOf(specOf("adam"), "wasm"), "fused");
  assert.is(engineOf(specOf("adam"), "cpu"), "tensor");
  assert.is(engineOf(linear, "cpu"), "fused");
  assert.is(engineOf(linear, "tensorflow"), "tensor");
  assert.is(engineOf({ ...linear, gradients: "autodiff" }, "wasm"), "tensor");
});

test.run();
