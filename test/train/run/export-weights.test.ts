import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { generate } from "../../../src/index.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { exportWeights, predict, train } from "../../../src/train/index.js";
import type { Activation } from "../../../src/model/index.js";
import { vadi } from "../../cli/vadi.js";
import { branchedModel } from "../../helpers/branched-model.js";
import { inFolder } from "../../helpers/folder.js";
import { linearData, memoryDataset } from "../../helpers/memory-dataset.js";

const { x, y } = linearData(60, [100, -2, 0.5], 0.1);
const dataset = memoryDataset(x, y);

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Reads a safetensors file as its format says, and checks what that asks for. */
async function read(file: string): Promise<{
  metadata: Record<string, string>;
  tensors: Map<string, { shape: number[]; values: number[] }>;
}> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString("utf8")) as Record<
    string,
    Entry
  >;
  assert.is((8 + length) % 8, 0, "the numbers are aligned");
  const { __metadata__: metadata, ...entries } = header;
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, { shape: number[]; values: number[] }>();
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    assert.is(dtype, "F32");
    assert.is(offsets[0], end, "there are no holes");
    [, end] = offsets;
    const size = shape.reduce((product, width) => product * width, 1);
    assert.is(offsets[1] - offsets[0], 4 * size);
    const values = Array.from({ length: size }, (_, at) => data.readFloatLE(offsets[0] + 4 * at));
    tensors.set(name, { shape, values });
  }
  assert.is(end, data.length);
  return { metadata: metadata as never, tensors };
}

const AFTER: Record<string, (value: number) => number> = {
  ReLU: (value) => Math.max(0, value),
  Tanh: Math.tanh,
  Sigmoid: (value) => 1 / (1 + Math.exp(-value)),
};

for (const [activation, name] of [
  ["relu", "ReLU"],
  ["tanh", "Tanh"],
  ["sigmoid", "Sigmoid"],
] as [Activation, string][]) {
  test(
    `a network of ${activation} is a torch.nn.Sequential that predicts what vadi predicts`,
    inFolder(async (folder) => {
      const options = { model: "mlp:5,4", activation, bias: activation !== "relu" };
      const out = path.join(folder, "run");
      const spec = { kind: "lsm", rows: 60, features: 3 } as const;
      const generated = await generate({ ...spec, out: path.join(folder, "data") });
      const run = await train(generated, { ...options, out, epochs: 3, standardize: true });
      const file = path.join(folder, "new", "model.safetensors");
      const exported = await exportWeights(run, file);
      const { metadata, tensors } = await read(file);
      assert.is(metadata["torch"], exported.torch);
      assert.equal(
        exported.tensors,
        [...tensors].map(([one, { shape }]) => ({ name: one, shape })),
      );
      // The expression, as PyTorch evaluates it.
      const modules = [...exported.torch!.matchAll(/torch\.nn\.(\w+)\(([^()]*)\)/g)];
      const expected: number[] = [];
      for await (const part of predict(run, generated)) expected.push(...part);
      const rows: number[] = [];
      for await (const batch of generated.batches({ batchSize: 60, shuffle: "none" })) {
        rows.push(...batch.x.subarray(0, 3 * batch.rows));
      }
      for (const [row, value] of expected.entries()) {
        let values = rows.slice(3 * row, 3 * row + 3);
        for (const [at, [, kind, args]] of modules.entries()) {
          if (kind !== "Linear") {
            assert.is(kind, name);
            values = values.map(AFTER[kind!]!);
            continue;
          }
          const [inputs, outputs] = args!.split(", ").map(Number) as [number, number];
          const weight = tensors.get(`${at}.weight`)!;
          assert.equal(weight.shape, [outputs, inputs]);
          assert.is(tensors.has(`${at}.bias`), !args!.includes("bias=False"));
          const before = values;
          values = Array.from({ length: outputs }, (_, output) =>
            before.reduce(
              (sum, one, input) => sum + one * weight.values[output * inputs + input]!,
              tensors.get(`${at}.bias`)?.values[output] ?? 0,
            ),
          );
        }
        assert.is(values.length, 1);
        assert.ok(Math.abs(values[0]! - value) < 1e-4 * Math.max(1, Math.abs(value)));
      }
    }),
  );
}

test(
  "another model's weights have the names, shapes and bits that TensorFlow.js gives them",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branchedModel(3);
    const run = await train(dataset, { model, out: path.join(folder, "run") });
    model.dispose();
    const { file, torch } = await exportWeights(run.dir, path.join(folder, "a.safetensors"));
    assert.is(torch, undefined);
    const network = await run.weights();
    assert.ok("weights" in network);
    assert.equal(
      [...(await read(file)).tensors],
      network.weights.map(({ name, shape, values }) => [name, { shape, values: [...values] }]),
    );
  }),
);

test(
  "the command tells how Python loads the file; other endings and files that are there are refused",
  inFolder(async (folder) => {
    await train(dataset, { out: path.join(folder, "run") });
    const words = ["export", "run", "--out", "linear.safetensors"];
    const first = await vadi(words, { cwd: folder });
    assert.is(first.code, 0, first.stderr);
    assert.match(first.stdout, "model = torch.nn.Sequential(torch.nn.Linear(3, 1, bias=False))\n");
    assert.match(
      first.stdout,
      'load_state_dict(safetensors.torch.load_file("linear.safetensors"))',
    );
    const again = await vadi(words, { cwd: folder });
    assert.is(again.code, 2);
    assert.match(again.stderr, /linear\.safetensors exists already; .*--force/);
    const forced = await vadi([...words, "--force", "--json"], { cwd: folder });
    assert.equal(JSON.parse(forced.stdout).tensors, [{ name: "0.weight", shape: [1, 3] }]);
    const other = await vadi(words.with(3, "linear.onnx"), { cwd: folder });
    assert.is(other.code, 2);
    assert.match(other.stderr, /--out is linear\.onnx; .*\.safetensors/);
    const none = await vadi(["export", "nothing", "--out", "b.safetensors"], { cwd: folder });
    assert.is(none.code, 1);
    assert.match(none.stderr, /nothing is not a run/);
    assert.equal((await readdir(folder)).toSorted(), ["linear.safetensors", "run"]);
  }),
);

test.run();
