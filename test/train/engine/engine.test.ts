import { initialNetwork } from "../../../src/model/index.js";
import { createEngine, findEngine } from "../../../src/train/engine/engine.js";
import type { EngineSpec } from "../../../src/train/engine/types.js";
import { OPTIMIZER_DEFAULTS } from "../../../src/train/optimizers/index.js";
import { assert, test } from "../../helpers/test.js";

function specOf(widths: number[], gradients: EngineSpec["gradients"] = "explicit"): EngineSpec {
  return {
    model: { kind: "dense", network: initialNetwork(widths, { kind: "uniform" }, 1) },
    optimizer: { ...OPTIMIZER_DEFAULTS, name: "sgd" },
    clipNorm: undefined,
    gradients,
  };
}

test("each backend trains dense networks by its fastest engine", () => {
  const engines = ["tfjs-node", "tfjs-node-gpu", "webgpu", "wasm", "cpu"].map((backend) => [
    backend,
    findEngine(specOf([5, 1]), backend)?.name,
    findEngine(specOf([5, 8, 1]), backend)?.name,
    findEngine(specOf([5, 8, 1], "autodiff"), backend)?.name,
  ]);
  assert.equal(engines, [
    ["tfjs-node", "graph", "graph", "tensor"],
    ["tfjs-node-gpu", "tensor", "tensor", "tensor"],
    ["webgpu", "tensor", "tensor", "tensor"],
    ["wasm", "fused", "fused", "tensor"],
    ["cpu", "fused", "tensor", "tensor"],
  ]);
});

test("an engine that does not train a model on a backend is not created", async () => {
  const error = await createEngine(specOf([5, 8, 1]), "cpu", "fused").catch(String);
  assert.is(error, "Error: No engine fused trains this model on the backend cpu.");
});

test.run();
