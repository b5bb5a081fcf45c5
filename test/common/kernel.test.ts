import { readFile } from "node:fs/promises";
import { assert, test } from "../helpers/test.js";
import { compileKernel, openKernel, type KernelName } from "../../src/common/kernel.js";

const NAMES: Record<KernelName, string> = {
  generate: "GenerateKernel",
  columns: "ColumnsKernel",
  stream: "StreamKernel",
  "mlp-slice": "MlpSliceKernel",
  "mlp-slice-relaxed": "MlpSliceKernel",
  hessian: "HessianKernel",
  "hessian-relaxed": "HessianKernel",
  train: "TrainKernel",
  "train-relaxed": "TrainKernel",
};

/** The functions of an interface of the generated file, with how many parameters each has. */
function signaturesOf(source: string, name: string): Record<string, number> {
  const body = new RegExp(`interface ${name} extends KernelMemory \\{(.*?)\\n\\}`, "s").exec(
    source,
  );
  const methods = [...body![1]!.matchAll(/^ {2}(\w+)\(([^)]*)\)/gm)];
  return Object.fromEntries(
    methods.map(([, method, parameters]) => [method!, parameters!.split(":").length - 1]),
  );
}

test("the generated signatures are those of the compiled kernels", async () => {
  const source = await readFile("src/common/kernel-signatures.ts", "utf8");
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true } as object & {
    initial: number;
  });
  for (const [name, type] of Object.entries(NAMES) as [KernelName, string][]) {
    let module: WebAssembly.Module;
    try {
      module = compileKernel(name);
    } catch (error) {
      // Node 20 has no relaxed SIMD; the plain kernel has the same functions.
      if (name.endsWith("-relaxed")) continue;
      throw error;
    }
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: Object } });
    const compiled = Object.entries(exports).flatMap(([key, value]) =>
      typeof value === "function" ? [[key, value.length]] : [],
    );
    assert.equal(signaturesOf(source, type), Object.fromEntries(compiled), name);
  }
});

test("buffers lie one after the other on 64-byte boundaries, and the memory grows to hold them", () => {
  const { functions, allocate } = openKernel("columns");
  const start = functions.heapBase();
  const [first = 0, second = 0] = allocate([100, 1_000_000]);
  assert.ok(first >= start);
  assert.is(first % 64, 0);
  assert.is(second, first + 128);
  assert.ok(functions.memory.buffer.byteLength >= second + 1_000_000);
});

test.run();
