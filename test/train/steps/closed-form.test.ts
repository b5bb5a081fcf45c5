import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import {
  addRows,
  emptyEquations,
  lossOf,
  solveEquations,
} from "../../../src/train/steps/closed-form.js";
import { train } from "../../../src/train/index.js";
import { inFolder } from "../../helpers/folder.js";
import { linearData, memoryDataset, normals } from "../../helpers/memory-dataset.js";

test("small whole numbers are solved exactly", () => {
  // Columns (1,1,1) and (1,2,3), y = (6,0,0): XᵀX = [[3,6],[6,14]], Xᵀy = (6,6), w = (8,−3).
  const equations = emptyEquations(2);
  addRows(equations, Float32Array.of(1, 1, 1, 2), Float32Array.of(6, 0), 2);
  addRows(equations, Float32Array.of(1, 3), Float32Array.of(0), 1);
  const found = solveEquations(equations, 0, ["a", "b"]);
  assert.ok(Math.abs(found[0]! - 8) < 1e-12 && Math.abs(found[1]! + 3) < 1e-12);
  // Residuals (5−6, 2, −1): (1 + 4 + 1)/3.
  assert.ok(Math.abs(lossOf(equations, [8, -3]) - 2) < 1e-12);
  assert.ok(Math.abs(lossOf(equations, [0, 0]) - 12) < 1e-12);
});

test("a ridge adds to the diagonal", () => {
  const equations = emptyEquations(1);
  addRows(equations, Float32Array.of(1, 2), Float32Array.of(3, 4), 2);
  // w = Xᵀy/(XᵀX + λ) = 11/(5 + 6).
  assert.ok(Math.abs(solveEquations(equations, 6, ["a"])[0]! - 1) < 1e-14);
});

test("the loss of the sums is the mean of the squared residuals", () => {
  const { x, y } = linearData(500, [1, -2, 3], 0.5);
  const equations = emptyEquations(3);
  addRows(equations, x, y, 500);
  const weights = [0.9, -2.2, 3.1];
  let direct = 0;
  for (let row = 0; row < 500; row++) {
    const residual = weights.reduce((sum, weight, at) => sum + weight * x[3 * row + at]!, -y[row]!);
    direct += residual ** 2 / 500;
  }
  assert.ok(Math.abs(lossOf(equations, weights) - direct) < 1e-12);
});

test(
  "noiseless data give back the weights, and a loss of nothing",
  inFolder(async (folder) => {
    const w = [2, -3, 0.5, 7];
    // Multiples of 1/8 small enough for float32 to hold every product and sum exactly.
    const normal = normals(3);
    const x = Float32Array.from({ length: 4 * 400 }, () => Math.round(8 * normal()) / 8);
    const y = Float32Array.from({ length: 400 }, (_, row) =>
      w.reduce((sum, weight, at) => sum + weight * x[4 * row + at]!, 0),
    );
    const run = await train(memoryDataset(x, y), {
      out: path.join(folder, "run"),
      model: "linear",
      optimizer: "closed-form",
      batchSize: 64,
    });
    const { result } = run.record;
    assert.equal(result!.weights, w);
    assert.is(result!.loss, 0);
    assert.is(result!.steps, 1);
    assert.is(result!.rows, 400);
    assert.equal((await run.history()).length, 1);
  }),
);

for (const [name, column] of Object.entries({
  "a feature that repeats another": (row: Float32Array) => row[0]!,
  "a feature that is a sum of others": (row: Float32Array) => row[0]! + row[1]!,
  "a feature that is zero": () => 0,
})) {
  test(
    `${name} is a clear error, and a ridge its remedy`,
    inFolder(async (folder) => {
      const normal = normals(4);
      const x = new Float32Array(3 * 300);
      for (let row = 0; row < 300; row++) {
        const values = x.subarray(3 * row, 3 * row + 3);
        values[0] = Math.round(64 * normal()) / 64;
        values[1] = Math.round(64 * normal()) / 64;
        values[2] = column(values);
      }
      const dataset = memoryDataset(x, Float32Array.from({ length: 300 }, normal));
      const options = { model: "linear", optimizer: "closed-form" } as const;
      const out = path.join(folder, "run");
      let message = "";
      await train(dataset, { ...options, out }).catch((error: Error) => (message = error.message));
      assert.match(message, /singular: feature x2 .*ridge/);
      const record = JSON.parse(await readFile(path.join(out, "run.json"), "utf8"));
      assert.is(record.status, "stopped");
      const run = await train(dataset, { ...options, out, ridge: 1, force: true });
      assert.is(run.record.status, "done");
      assert.match(run.record.command, / --ridge 1( |$)/);
    }),
  );
}

test(
  "the closed form is for the linear model",
  inFolder(async (folder) => {
    const { x, y } = linearData(10, [1], 0);
    let message = "";
    await train(memoryDataset(x, y), {
      out: path.join(folder, "run"),
      model: "mlp",
      optimizer: "closed-form",
    }).catch((error: Error) => (message = error.message));
    assert.match(message, /closed form for model linear without bias only/);
  }),
);

test(
  "a table too wide for XᵀX is refused before anything is written",
  inFolder(async (folder) => {
    const wide = memoryDataset(new Float32Array(2 * 5000), new Float32Array(2));
    const out = path.join(folder, "run");
    try {
      await train(wide, { model: "linear", optimizer: "closed-form", out });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, VadiError);
      assert.is((error as VadiError).kind, "usage");
      assert.match((error as VadiError).message, /at most 4096 features.* has 5000/);
    }
    assert.not.ok(existsSync(out));
  }),
);

test.run();
