import { assert, test } from "../helpers/test.js";
import { curvature } from "../../src/curvature/index.js";
import { randomNetwork } from "../../src/landscape/index.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { runOf } from "../landscape/example.js";
import { network, normals, numbers } from "../landscape/numbers.js";
import { eigenvaluesOf, wholeHessian } from "./dense-spectrum.js";

test("10-40-20-1, 2000 rows: eigenvalues and moments are those of the whole Hessian", async () => {
  const next = normals(8);
  const model = network(next, [10, 40, 20, 1], 0.3);
  const [x, y] = [numbers(next, 10 * 2000), numbers(next, 2000)];
  const dataset = memoryDataset(x, y);
  const made = await curvature(runOf(model, "whole-mlp"), { dataset, density: true, probes: 10 });
  const { record } = made;
  const hessian = wholeHessian(model, x, y);
  const { size, values } = hessian;
  assert.is(record.parameters, size);
  const trace = values.reduce((sum, value, at) => (at % (size + 1) === 0 ? sum + value : sum), 0);
  let [first, second] = [0, 0];
  for (let index = 0; index < 10; index++) {
    const random = randomNetwork(model, 42, 10_000 + 1000 * index);
    const probe = random.flatMap(({ weights }) => Array.from(weights, (value) => Math.sign(value)));
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let at = 0; at < size; at++) sum += values[row * size + at]! * probe[at]!;
      first += (probe[row]! * sum) / 10;
      second += sum ** 2 / 10;
    }
  }
  const eigenvalue = eigenvaluesOf(hessian);
  for (const [at, { eigenvalue: found, residual }] of record.least.entries()) {
    assert.ok(Math.abs(found - eigenvalue(at)) <= residual + 1e-11, `least ${at}: ${found}`);
  }
  for (const [at, { eigenvalue: found, residual }] of record.largest.entries()) {
    assert.ok(
      Math.abs(found - eigenvalue(size - 1 - at)) <= residual + 1e-11,
      `largest ${at}: ${found}`,
    );
  }
  assert.is(record.least.length + record.largest.length, 10);
  assert.ok(record.least[0]!.eigenvalue < 0);
  assert.ok(Math.abs(record.trace.estimate - trace) < 5 * record.trace.standardError);
  const { eigenvalues, density } = await made.density();
  const step = eigenvalues[1]! - eigenvalues[0]!;
  const moment = (power: number): number =>
    density.reduce((sum, value, at) => sum + value * eigenvalues[at]! ** power * step, 0);
  const blur = ((eigenvalue(size - 1) - eigenvalue(0)) / 200) ** 2;
  assert.ok(Math.abs(moment(0) - 1) < 1e-3);
  // Its moments are those of the random vectors: vᵀHv and ‖Hv‖², on average.
  assert.ok(Math.abs(moment(1) * size - first) < 1e-3 * first);
  assert.ok(Math.abs((moment(2) - blur) * size - second) < 1e-2 * second);
  assert.ok(Math.abs(record.trace.estimate - first) < 1e-9 * first);
});

test.run();
