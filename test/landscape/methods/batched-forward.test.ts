import { memory } from "@tensorflow/tfjs-core";
import { assert, test } from "../../helpers/test.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { batchedForward } from "../../../src/landscape/methods/batched-forward.js";
import { isPiecewise } from "../../../src/landscape/methods/relu-segments.js";
import type { Grid } from "../../../src/landscape/points/grid.js";
import type { DenseLayer } from "../../../src/model/index.js";
import { network, normals, numbers, worstRelative } from "../numbers.js";
import { biased, evaluated, example, float32Bound, grid, lossesOf, plainLoss } from "./example.js";

test.before(async () => {
  await chooseBackend("cpu");
});

test("networks of tanh and sigmoid agree with float64, along lines and over planes", async () => {
  const rows = 60;
  for (const activations of [
    ["tanh", "linear"],
    ["sigmoid", "linear"],
    ["tanh", "sigmoid", "linear"],
    ["relu", "tanh", "linear"],
    ["sigmoid", "relu", "tanh", "linear"],
  ] satisfies DenseLayer["activation"][][]) {
    const next = normals(31);
    const [x, y] = [numbers(next, rows * 5), numbers(next, rows)];
    const widths = [5, 8, 6, 4].slice(0, activations.length).concat(1);
    const [centre, one, two] = [0.5, 1, 1].map((scale) =>
      biased(next, network(next, widths, scale)).map((layer, index) => ({
        ...layer,
        activation: activations[index]!,
      })),
    );
    assert.not.ok(isPiecewise(centre!));
    for (const directions of [[one!], [one!, two!]]) {
      const betas = directions.length === 1 ? Float64Array.of(0) : grid(1, 3);
      const given: Grid = { centre: centre!, directions, alphas: grid(1, 9), betas };
      const expected = [...betas].flatMap((beta) =>
        [...given.alphas].map((alpha) => plainLoss(given, alpha, beta, x, y)),
      );
      const worst = worstRelative(await evaluated(batchedForward(given), { x, y, rows }), expected);
      assert.ok(worst < float32Bound, `${activations.join("-")}: ${worst}`);
    }
  }
});

test("forward passes agree for every depth, and leave no tensor behind", async () => {
  const before = memory().numTensors;
  for (const widths of [
    [10, 1],
    [10, 6, 1],
    [10, 40, 20, 1],
    [4, 5, 6, 7, 1],
    [1, 1],
  ]) {
    const given = example(widths, 1, 11, 64);
    const losses = await lossesOf(batchedForward(given.line), given);
    const worst = worstRelative(losses, given.expected);
    assert.ok(worst < float32Bound, `${widths.join("-")}: ${worst}`);
  }
  assert.is(memory().numTensors, before);
});

test.run();
