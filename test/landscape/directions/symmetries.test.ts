import path from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { assert, test } from "../../helpers/test.js";
import { landscape } from "../../../src/landscape/index.js";
import type { LandscapeOptions } from "../../../src/landscape/index.js";
import {
  highestSwap,
  reordered,
  rescaled,
  swapped,
} from "../../../src/landscape/directions/symmetries.js";
import { saveNetwork, type DenseNetwork } from "../../../src/model/index.js";
import { example, refused } from "../example.js";
import { lossAt, network, normals, numbers } from "../numbers.js";

/** The loss of a network, by the tests' own evaluation. */
function lossOf(model: DenseNetwork, x: Float32Array, y: Float32Array): number {
  const nothing = model.map((layer) => ({
    ...layer,
    weights: new Float32Array(layer.weights.length),
  }));
  return lossAt(model, nothing, 0, x, y);
}

test("symmetries keep the loss, biases included", () => {
  const next = normals(2);
  const model = network(next, [3, 6, 5, 1], 0.5);
  for (const layer of model.slice(0, 1)) layer.bias = numbers(next, layer.outputs);
  const [x, y] = [numbers(next, 3 * 30), numbers(next, 30)];
  // The tests' evaluation has no biases, so the first feature stands for one.
  const flat = model.map(({ bias: _bias, ...layer }) => layer);
  const loss = lossOf(flat, x, y);
  for (const [layer, units] of [
    [1, [0, 5]],
    [2, [1, 3]],
  ] as const) {
    const other = swapped(flat, { layer, units });
    assert.not.equal(other, flat);
    assert.ok(Math.abs(lossOf(other, x, y) / loss - 1) < 1e-12);
    assert.equal(swapped(other, { layer, units }), flat);
  }
  assert.is(lossOf(rescaled(flat), x, y), loss);
  const order = [4, 2, 0, 1, 3];
  const moved = reordered(model, 1, [5, 4, 3, 2, 1, 0]);
  assert.equal([...moved[0]!.bias!], [...model[0]!.bias!].toReversed());
  assert.equal(reordered(reordered(model, 2, order), 2, [2, 3, 1, 4, 0]), model);
});

test("the highest swap is that of the highest midpoint", async () => {
  const next = normals(4);
  const model = network(next, [3, 4, 3, 1], 0.6);
  const [x, y] = [numbers(next, 3 * 50), numbers(next, 50)];
  const found = await highestSwap(model, { x, y, rows: 50 }, () => Promise.resolve());
  const middle = (pair: { layer: number; units: readonly [number, number] }): number => {
    const end = swapped(model, pair);
    const direction = end.map((layer, index) => ({
      ...layer,
      weights: layer.weights.map((value, at) => value - model[index]!.weights[at]!),
    }));
    return lossAt(model, direction, 0.5, x, y);
  };
  const highest = middle(found);
  for (const layer of [1, 2]) {
    for (let one = 0; one < model[layer - 1]!.outputs; one++) {
      for (let other = 0; other < one; other++) {
        assert.ok(middle({ layer, units: [other, one] }) <= highest * (1 + 1e-6));
      }
    }
  }
});

test("landscapes along swap, rescale and curvature", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 90, "symmetries");
  const line = async (
    along: NonNullable<LandscapeOptions["along"]>,
    more: LandscapeOptions = {},
  ) => {
    const made = await landscape(run, { dataset, along, points: 11, batches: "all", ...more });
    return { record: made.record, mean: (await made.summary()).map(({ mean }) => mean) };
  };
  for (const along of ["swap", "swap:2:0:3", "rescale"] as const) {
    const { record, mean } = await line(along);
    assert.is(record.alphas[0], 0);
    assert.is(record.alphas.at(-1), 1);
    assert.ok(Math.abs(mean[0]! / mean.at(-1)! - 1) < 1e-5, along);
    if (along === "swap") assert.ok(Math.max(...mean) > mean[0]! * (1 + 1e-6), "a barrier");
    assert.is(record.along, along.replace(/:.*/, ""));
    if (along === "rescale") assert.is(record.parameter, undefined);
    else assert.match(record.parameter!, /^[12]:\d:\d$/);
    // The same landscape is found again.
    assert.equal((await line(along, { resume: true })).record, record);
  }
  const weights = (await run.weights()) as DenseNetwork;
  const eigenvector = network(normals(77), [3, 6, 4, 1], 0.1);
  const second = network(normals(78), [3, 6, 4, 1], 0.1);
  await refused(line("curvature:1"), "usage", "vadi curvature");
  for (const name of ["hessian", "residual"]) {
    const folder = path.join(run.dir, "curvature", name);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "curvature.json"), "{}");
    await saveNetwork(
      path.join(folder, "directions", "-1"),
      name === "hessian" ? eigenvector : second,
    );
  }
  const along = await landscape(run, { dataset, along: "curvature:-1", points: 3 });
  assert.equal(await along.direction(), eigenvector);
  assert.equal(await along.centre(), weights);
  assert.equal([along.record.along, along.record.parameter], ["curvature", "-1"]);
  assert.equal(along.record.alphas, [-1, 0, 1]);
  const other = await landscape(run, { dataset, along: "curvature:-1@residual", points: 3 });
  assert.equal(await other.direction(), second);
  await refused(line("curvature:2"), "usage", "eigenvector 2", "hessian or residual");
  await saveNetwork(path.join(run.dir, "curvature", "hessian", "directions", "-2"), second);
  const plane = await landscape(run, { dataset, along: "curvature:-1", plane: true, points: 3 });
  assert.equal(await plane.directions(), [eigenvector, second]);
});

test("units that are not there are refused", async () => {
  const { run, dataset } = example([3, 6, 4, 1], 9, "no-units");
  await refused(
    landscape(run, { dataset, along: "swap:2:0:4" }),
    "usage",
    "hidden layer 2",
    "6, 4",
  );
  await refused(landscape(run, { dataset, along: "swap:3:0:1" }), "usage", "hidden layer 3");
  await refused(landscape(run, { dataset, along: "swap:1:2:2" }), "usage", "two different units");
  const linear = example([3, 1], 9, "no-hidden");
  for (const along of ["swap", "rescale"] as const) {
    const made = landscape(linear.run, { dataset: linear.dataset, along });
    await refused(made, "usage", "hidden layer");
  }
});

test.run();
