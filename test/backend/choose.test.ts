import { assert, test } from "../helpers/test.js";
import { failure } from "../../src/common/errors.js";
import { chooseBest } from "../../src/backend/choose.js";
import type { StartedBackend } from "../../src/backend/index.js";

/*
 * The order of `--backend auto`, on machines that are made up: what is installed there, and what each
 * backend finds when it starts.
 */

type Name = StartedBackend["name"];

/** `gpu` and `cpu`: what it computes on; `broken`: installed, and does not start; `damaged`: its files cannot be read. */
type Machine = Partial<Record<Name, "gpu" | "cpu" | "broken" | "damaged">>;

async function choose(
  machine: Machine,
): Promise<{ name: Name; reason: string; started: readonly Name[] }> {
  const all: Machine = { wasm: "cpu", cpu: "cpu", ...machine };
  const started: Name[] = [];
  const { name, reason } = await chooseBest({
    isInstalled(one) {
      if (all[one] === "damaged") throw failure(`The installed backend ${one} is damaged.`);
      return all[one] !== undefined;
    },
    start(one) {
      started.push(one);
      if (all[one] === "broken")
        return Promise.reject(failure(`The backend ${one} does not start.`));
      const facts = { registered: one, version: "1", device: "made up", threads: 1 };
      return Promise.resolve({ name: one, ...facts, isGpu: all[one] === "gpu" });
    },
  });
  assert.is(started.at(-1), name, "the backend that was taken is the current one");
  return { name, reason, started };
}

const cases: [string, Machine, Name, RegExp][] = [
  [
    "CUDA comes first",
    { "tfjs-node-gpu": "gpu", webgpu: "gpu", "tfjs-node": "cpu" },
    "tfjs-node-gpu",
    /^it has a GPU$/,
  ],
  [
    "a GPU through WebGPU comes before TensorFlow on the CPU",
    { "tfjs-node-gpu": "cpu", webgpu: "gpu", "tfjs-node": "cpu" },
    "webgpu",
    /^it has a GPU; tfjs-node-gpu found no GPU$/,
  ],
  [
    "without a GPU the TensorFlow that is there computes on the CPU",
    { "tfjs-node-gpu": "cpu", webgpu: "cpu", "tfjs-node": "cpu" },
    "tfjs-node-gpu",
    /^native TensorFlow; tfjs-node-gpu found no GPU; webgpu found no GPU$/,
  ],
  [
    "a program that stands in for a GPU is none",
    { webgpu: "cpu", "tfjs-node": "cpu" },
    "tfjs-node",
    /^native TensorFlow; webgpu found no GPU$/,
  ],
  [
    "what does not start is passed over, once, and told",
    { "tfjs-node-gpu": "broken", webgpu: "broken", "tfjs-node": "cpu" },
    "tfjs-node",
    /^native TensorFlow; The backend tfjs-node-gpu does not start; The backend webgpu does not start$/,
  ],
  [
    "so is what is damaged",
    { "tfjs-node-gpu": "damaged", "tfjs-node": "damaged", webgpu: "damaged" },
    "wasm",
    /^built in; .*tfjs-node-gpu is damaged; .*webgpu is damaged; .*tfjs-node is damaged$/,
  ],
  ["wasm where nothing is installed", {}, "wasm", /^built in; tfjs-node is not installed$/],
  [
    "cpu where WebAssembly does not start",
    { wasm: "broken" },
    "cpu",
    /^built in; tfjs-node is not installed; The backend wasm does not start$/,
  ],
];

for (const [what, machine, name, reason] of cases) {
  test(what, async () => {
    const chosen = await choose(machine);
    assert.is(chosen.name, name);
    assert.match(chosen.reason, reason);
    const broken = chosen.started.filter((one) => machine[one] === "broken");
    assert.is(new Set(broken).size, broken.length, "none is started again that did not start");
  });
}

test("nothing at all is a failure", async () => {
  const nothing = choose({ wasm: "broken", cpu: "broken" });
  const error = await nothing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.match(String(error), /The backend cpu does not start/);
});

test.run();
