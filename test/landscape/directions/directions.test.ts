import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { randomNormals, STREAMS } from "../../../src/generate/index.js";
import { linspace } from "../../../src/landscape/points/linspace.js";
import { gridOf, makeAxes } from "../../../src/landscape/axes.js";
import type { AxesInput } from "../../../src/landscape/axes.js";
import type { LandscapeOptions } from "../../../src/landscape/index.js";
import { landscapeSettings } from "../../../src/landscape/points/resolve-options.js";
import type { LandscapeSettings } from "../../../src/landscape/points/resolve-options.js";
import { loadNetwork, saveNetwork } from "../../../src/model/index.js";
import type { DenseNetwork } from "../../../src/model/index.js";
import type { Run } from "../../../src/train/index.js";
import { inFolder } from "../../helpers/folder.js";
import { memoryDataset } from "../../helpers/memory-dataset.js";
import { messageOf } from "../../helpers/message-of.js";
import { lossAt, network, normals, numbers } from "../numbers.js";

test("a line visits linspace(start, end)", () => {
  assert.equal([...linspace(-1, 1, 5, true)], [-1, -0.5, 0, 0.5, 1]);
  assert.equal([...linspace(0, 1, 3, true)], [0, 0.5, 1]);
  assert.equal([...linspace(-2, 2, 2, true)], [-2, 2]);
  assert.equal([...linspace(-3, 3, 1, true)], [-3]);
  assert.equal([...linspace(-3, 3, 1, false)], [-3]);
  for (const scale of [1, 0.01, 0.3, 7]) {
    const alphas = linspace(-scale, scale, 101, true);
    assert.is(alphas.length, 101);
    assert.equal([alphas[0], alphas[50], alphas[100]], [-scale, 0, scale]);
    for (const [i, alpha] of alphas.entries()) {
      assert.ok(Math.abs(alpha - (-scale + (i * 2 * scale) / 100)) <= 1e-15 * scale);
      assert.is(alpha, -alphas[100 - i]! || 0);
    }
  }
});

test("without its endpoint it stops a step short, as in the notebook", () => {
  assert.equal([...linspace(-2, 2, 4, false)], [-2, -1, 0, 1]);
  const alphas = linspace(0, 1, 100, false);
  for (const [i, alpha] of alphas.entries()) assert.is(alpha, i / 100);
});

/** What axes need of a run, where nothing is read from it. */
function inputOf(centre: DenseNetwork, dir = "nowhere"): AxesInput {
  const record = { standardize: null };
  const run = { dir, record, weights: () => Promise.resolve(centre) } as unknown as Run;
  const dataset = memoryDataset(new Float32Array(9), new Float32Array(3));
  return { run, network: centre, dataset, batches: [0], batchSize: 3, signal: undefined };
}

const settings = (options: LandscapeOptions): LandscapeSettings => landscapeSettings(options, 3);

async function axesOf(centre: DenseNetwork, options: LandscapeOptions, dir?: string) {
  return makeAxes(inputOf(centre, dir), settings(options));
}

const flat = (networkOf: DenseNetwork): number[] =>
  networkOf.flatMap((layer) => [...layer.weights]);

test("a random line goes through the network along N(0,1) of each layer", async () => {
  const centre = network(normals(1), [3, 4, 1], 1);
  const options = { points: 5, scale: 2, seed: 9 };
  const axes = await axesOf(centre, options);
  assert.is(axes.centre, centre);
  const grid = gridOf(axes, settings(options));
  assert.equal([...grid.alphas], [-2, -1, 0, 1, 2]);
  assert.equal([...grid.betas], [0]);
  const [direction] = axes.directions;
  assert.equal(direction![0]!.weights, randomNormals(9, STREAMS.direction, 0, 12));
  assert.equal(direction![1]!.weights, randomNormals(9, STREAMS.direction, 1, 4));
  assert.equal((await axesOf(centre, { ...options, scale: 5 })).directions[0], direction);
  assert.not.equal((await axesOf(centre, { ...options, seed: 8 })).directions[0], direction);
});

test("a random plane has the line's direction and another one", async () => {
  const centre = network(normals(1), [3, 4, 1], 1);
  const options = { plane: true, points: [3, 2] as const, seed: 9 };
  const axes = await axesOf(centre, options);
  assert.is(axes.directions.length, 2);
  assert.equal(axes.directions[0], (await axesOf(centre, { seed: 9 })).directions[0]);
  assert.not.equal(axes.directions[1], axes.directions[0]);
  const grid = gridOf(axes, settings(options));
  assert.equal(
    [[...grid.alphas], [...grid.betas]],
    [
      [-1, 0, 1],
      [-1, 1],
    ],
  );
});

test("a line between random points starts at the one and ends at the other", async () => {
  const shape = network(normals(1), [3, 4, 1], 1);
  const options = { along: "random-points", points: 3, scale: 0.1, seed: 9 } as const;
  const { centre, directions } = await axesOf(shape, options);
  assert.equal([...gridOf({ centre, directions }, settings(options)).alphas], [0, 0.5, 1]);
  for (const [layer, count] of [12, 4].entries()) {
    const first = randomNormals(9, STREAMS.direction, layer, count);
    const second = randomNormals(9, STREAMS.direction, 1000 + layer, count);
    for (let at = 0; at < count; at++) {
      const start = centre[layer]!.weights[at]!;
      const step = directions[0]![layer]!.weights[at]!;
      assert.ok(Math.abs(start - 0.1 * first[at]!) < 1e-7);
      assert.ok(Math.abs(start + step - 0.1 * second[at]!) < 1e-7);
    }
  }
});

test("filter normalisation gives each unit's incoming weights the norm of the centre's", async () => {
  const centre = network(normals(1), [3, 4, 2, 1], 1);
  // A unit without weights, and one that is a hundred times as large as the others.
  for (let input = 0; input < 3; input++) {
    centre[0]!.weights[input * 4] = 0;
    centre[0]!.weights[input * 4 + 1]! *= 100;
  }
  const plain = (await axesOf(centre, {})).directions[0]!;
  const normalized = (await axesOf(centre, { normalize: "filter" })).directions[0]!;
  for (const [index, { inputs, outputs }] of centre.entries()) {
    for (let unit = 0; unit < outputs; unit++) {
      const column = (of: DenseNetwork) =>
        Array.from({ length: inputs }, (_, input) => of[index]!.weights[input * outputs + unit]!);
      const [own, wanted, before] = [normalized, centre, plain].map((of) =>
        Math.hypot(...column(of)),
      );
      assert.ok(Math.abs(own! - wanted!) <= 1e-6 * wanted!);
      for (const [input, value] of column(normalized).entries()) {
        const expected = (column(plain)[input]! * wanted!) / before!;
        assert.ok(Math.abs(value - expected) <= 1e-6 * Math.abs(expected));
      }
    }
  }
});

test("the gradient is the difference quotient of the float64 loss", async () => {
  const next = normals(4);
  const centre = network(next, [3, 5, 4, 1], 0.7);
  const [x, y] = [numbers(next, 60), numbers(next, 20)];
  const input = { ...inputOf(centre), dataset: memoryDataset(x, y), batches: [0, 2, 6] };
  // Batches of 3 rows; the last one has 2.
  const { directions } = await makeAxes(input, settings({ along: "gradient" }));
  const rows = [0, 1, 2, 6, 7, 8, 18, 19];
  const [xs, ys] = [
    Float32Array.from(rows.flatMap((row) => [...x.subarray(row * 3, row * 3 + 3)])),
    Float32Array.from(rows, (row) => y[row]!),
  ];
  for (const [layer, { weights }] of centre.entries()) {
    for (const at of [0, 3, weights.length - 1]) {
      const unit = centre.map((one, index) => ({
        ...one,
        weights: new Float32Array(one.weights.length).fill(1, at, index === layer ? at + 1 : at),
      }));
      const h = 1e-6;
      const slope = (lossAt(centre, unit, h, xs, ys) - lossAt(centre, unit, -h, xs, ys)) / (2 * h);
      assert.ok(
        Math.abs(directions[0]![layer]!.weights[at]! - slope) < 1e-6 + 1e-6 * Math.abs(slope),
      );
    }
  }
});

test(
  "along the path: principal components of the snapshots, which lie at their coordinates",
  inFolder(async (folder) => {
    // A path in the plane of two known directions, and a little beside it.
    const next = normals(6);
    const shape = [3, 4, 1];
    const [centre, one, two, beside] = [1, 1, 1, 1e-3].map((scale) => network(next, shape, scale));
    const along = [1, 0.7, 0.4, 0.1, 0];
    for (const [index, t] of along.entries()) {
      const weights = centre!.map((layer, at) => ({
        ...layer,
        weights: layer.weights.map(
          (value, k) =>
            value +
            3 * t * one![at]!.weights[k]! +
            Math.sin(3 * t) * two![at]!.weights[k]! +
            (index % 2) * beside![at]!.weights[k]!,
        ),
      }));
      await saveNetwork(path.join(folder, "path", `step-${index * 100}`), weights);
    }
    const options = { along: "path", plane: true } as const;
    const { directions, path: found } = await axesOf(centre!, options, folder);
    assert.equal(found!.steps, [0, 100, 200, 300, 400]);
    assert.ok(found!.explained[0]! > found!.explained[1]!);
    assert.ok(found!.explained[0]! + found!.explained[1]! > 0.999_99);
    const [v, u] = directions.map(flat);
    const dot = v!.reduce((sum, value, at) => sum + value * u![at]!, 0);
    assert.ok(Math.abs(dot) < 1e-5 * Math.hypot(...v!) * Math.hypot(...u!), "orthogonal");
    for (const coordinates of [found!.alphas, found!.betas!]) {
      const most = Math.max(...coordinates.map(Math.abs));
      assert.ok(Math.abs(most - 0.8) < 1e-9);
      assert.is(coordinates.find((value) => Math.abs(value) === most)! < 0, true);
    }
    const middle = flat(centre!);
    for (const [index] of along.entries()) {
      const snapshot = flat(await loadNetwork(path.join(folder, "path", `step-${index * 100}`)));
      const off = snapshot.map(
        (value, at) =>
          value - middle[at]! - found!.alphas[index]! * v![at]! - found!.betas![index]! * u![at]!,
      );
      assert.ok(Math.abs(Math.hypot(...off) - found!.distances[index]!) < 1e-5);
      assert.ok(found!.distances[index]! < 0.01);
    }
    const line = await axesOf(centre!, { along: "path" }, folder);
    assert.equal(line.directions, directions.slice(0, 1));
    assert.is(line.path!.betas, undefined);
  }),
);

test(
  "what no direction can be made from is refused in a sentence",
  inFolder(async (folder) => {
    const centre = network(normals(1), [3, 1], 1);
    assert.match(await messageOf(axesOf(centre, { along: "path" }, folder)), /no snapshots/);
    await saveNetwork(path.join(folder, "path/step-1"), centre);
    assert.match(await messageOf(axesOf(centre, { along: "path" }, folder)), /does not move/);
    await saveNetwork(path.join(folder, "path/step-2"), network(normals(2), [3, 1], 1));
    assert.match(
      await messageOf(axesOf(centre, { along: "path", plane: true }, folder)),
      /spans no plane/,
    );
    await saveNetwork(path.join(folder, "path/step-3"), network(normals(2), [4, 1], 1));
    assert.match(
      await messageOf(axesOf(centre, { along: "path" }, folder)),
      /step-3.*another model/,
    );
    const other = path.join(folder, "path/step-3");
    assert.match(await messageOf(axesOf(centre, { along: `model:${other}` })), /are not those/);
    const same = path.join(folder, "path/step-1");
    assert.match(await messageOf(axesOf(centre, { along: `model:${same}` })), /is zero/);
    // All targets and inputs are 0: so is the gradient.
    assert.match(await messageOf(axesOf(centre, { along: "gradient" })), /is zero/);
  }),
);

test(
  "to another model: α = 0 here, α = 1 there, and beyond both with a larger scale",
  inFolder(async (folder) => {
    const [centre, end] = [1, 2].map((seed) => network(normals(seed), [3, 4, 1], 1));
    await saveNetwork(path.join(folder, "model"), end!);
    const options = { along: `model:${folder}`, points: 5 } as const;
    const axes = await axesOf(centre!, options);
    assert.equal([...gridOf(axes, settings(options)).alphas], [0, 0.25, 0.5, 0.75, 1]);
    const wide = gridOf(axes, settings({ ...options, scale: 2 }));
    assert.equal([...wide.alphas], [-0.5, 0, 0.5, 1, 1.5]);
    const [from, step, to] = [centre!, axes.directions[0]!, end!].map(flat);
    for (const [at, value] of to!.entries()) {
      assert.ok(Math.abs(from![at]! + step![at]! - value) < 1e-6);
    }
  }),
);

test.run();
