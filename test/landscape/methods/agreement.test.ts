import { assert, test } from "../../helpers/test.js";
import { chooseBackend } from "../../../src/backend/index.js";
import { VadiError } from "../../../src/common/errors.js";
import { batchedForward } from "../../../src/landscape/methods/batched-forward.js";
import { linearSums } from "../../../src/landscape/methods/linear-sums.js";
import { reluSegments } from "../../../src/landscape/methods/relu-segments.js";
import type { SliceMethod } from "../../../src/landscape/methods/types.js";
import type { Grid } from "../../../src/landscape/points/grid.js";
import { lossAt, network, normals, numbers, worstRelative } from "../numbers.js";
import {
  biased,
  evaluated,
  example,
  float32Bound,
  float64Bound,
  grid,
  lossesOf,
  plainLoss,
  type Example,
} from "./example.js";

test.before(async () => {
  await chooseBackend("cpu");
});

test("with biases, on a line and on a plane, all methods are the float64 losses", async () => {
  const next = normals(21);
  const rows = 50;
  const [x, y] = [numbers(next, rows * 5), numbers(next, rows)];
  for (const widths of [
    [5, 1],
    [5, 9, 1],
    [5, 9, 6, 1],
  ]) {
    const [centre, one, two] = [0.3, 1, 1].map((scale) =>
      biased(next, network(next, widths, scale)),
    );
    for (const directions of [[one!], [one!, two!]]) {
      const betas = directions.length === 1 ? Float64Array.of(0) : grid(1, 4);
      const given: Grid = { centre: centre!, directions, alphas: grid(1, 13), betas };
      const expected: number[] = [];
      for (const beta of betas) {
        for (const alpha of given.alphas) {
          expected.push(plainLoss(given, alpha, beta, x, y));
        }
      }
      const methods = [batchedForward(given)];
      if (widths.length === 2) methods.push(await linearSums(given));
      else methods.push(await reluSegments(given, "fixed"), await reluSegments(given));
      for (const method of methods) {
        const worst = worstRelative(
          await evaluated(method, { x, y, rows }, expected.length),
          expected,
        );
        assert.ok(worst < float32Bound, `${method.name} of ${widths.join("-")}: ${worst}`);
      }
    }
  }
});

test("losses too large for float32 are computed, and those too large for float64 are Infinity", async () => {
  const given = example([3, 4, 5, 1], 1, 3, 20);
  const scaled = (factor: number): Grid => ({
    ...given.line,
    alphas: given.line.alphas.map((alpha) => factor * alpha),
  });
  for (const make of [reluSegments, (line: Grid) => Promise.resolve(batchedForward(line))]) {
    const large = scaled(1e20);
    const expected = large.alphas.map((alpha) =>
      lossAt(large.centre, large.directions[0]!, alpha, given.batch.x, given.batch.y),
    );
    assert.ok(expected[0]! > 1e60);
    assert.ok(worstRelative(await lossesOf(await make(large), given), expected) < float64Bound);
    const [first, middle, last] = await lossesOf(await make(scaled(1e100)), given);
    assert.equal([first, last], [Infinity, Infinity]);
    assert.ok(Math.abs(middle! - given.expected[1]!) / given.expected[1]! < float32Bound);
  }
  const linear = example([3, 1], 1, 3, 20);
  const line = { ...linear.line, alphas: Float64Array.of(-1e200, 0, 1e200) };
  const [first, middle, last] = await evaluated(await linearSums(line), linear.batch, 3);
  assert.equal([first, last], [Infinity, Infinity]);
  assert.ok(Number.isFinite(middle));
});

test("a number that is none in the data makes the loss none", async () => {
  const given = example([3, 4, 5, 1], 1, 3, 20);
  given.batch.x[4] = NaN;
  for (const method of [await reluSegments(given.line), batchedForward(given.line)]) {
    assert.ok((await method.evaluate(given.batch)).every(Number.isNaN));
  }
});

test("all methods stop when asked to", async () => {
  const controller = new AbortController();
  controller.abort();
  const deep = example([3, 4, 5, 1], 1, 3, 20);
  const flat = example([3, 1], 1, 3, 20);
  const methods: [SliceMethod, Example][] = [
    [await reluSegments(deep.line), deep],
    [batchedForward(deep.line), deep],
    [await linearSums(flat.line), flat],
  ];
  for (const [method, { batch }] of methods) {
    let caught: unknown;
    await method.evaluate(batch, controller.signal).catch((error: unknown) => (caught = error));
    assert.ok(caught instanceof VadiError && caught.kind === "interrupted", method.name);
  }
});

test.run();
