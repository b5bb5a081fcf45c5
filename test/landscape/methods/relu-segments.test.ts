import { assert, test } from "../../helpers/test.js";
import { isPiecewise, reluSegments } from "../../../src/landscape/methods/relu-segments.js";
import type { DenseNetwork } from "../../../src/model/index.js";
import { lossAt, network, normals, numbers, worstRelative } from "../numbers.js";
import { evaluated, example, float32Bound, grid, lineOf, lossesOf } from "./example.js";

test("segments of a ReLU network are the float64 losses, however many units switch", async () => {
  for (const [widths, scale, points, rows] of [
    [[10, 40, 20, 1], 2, 101, 60],
    [[10, 40, 20, 1], 0.01, 100, 60],
    [[10, 40, 20, 1], 1000, 3, 60],
    [[10, 64, 48, 1], 1, 33, 60],
    [[5, 9, 1], 1, 33, 200],
    [[3, 5, 7, 1], 1, 2050, 40],
    [[2, 3, 2, 1], 1, 2, 50],
    [[1, 1, 1, 1], 1, 1, 1],
    [[1, 1, 1], 3, 7, 30],
  ] as const) {
    const given = example([...widths], scale, points, rows);
    assert.ok(isPiecewise(given.line.centre));
    const losses = await lossesOf(await reluSegments(given.line), given);
    const worst = worstRelative(losses, given.expected);
    assert.ok(worst < float32Bound, `${widths.join("-")}, scale ${scale}: ${worst}`);
  }
});

test("segments are exact where units switch at a point of the grid, or lie still", async () => {
  // Every unit of the first layer has its switch exactly at one of the points −2 … 2, or b = 0.
  const inputs = 1;
  const first = [-2, -1, 0, 1, 2, 0, 3, -3];
  const centre: DenseNetwork = [
    { inputs, outputs: 8, activation: "relu", weights: Float32Array.from(first) },
    { inputs: 8, outputs: 2, activation: "relu", weights: new Float32Array(16).fill(0.5) },
    { inputs: 2, outputs: 1, activation: "linear", weights: Float32Array.of(1, -1) },
  ];
  const next = normals(11);
  const direction: DenseNetwork = [
    { ...centre[0]!, weights: Float32Array.of(1, 1, 1, 1, -1, 0, 0, 0) },
    { ...centre[1]!, weights: numbers(next, 16) },
    { ...centre[2]!, weights: numbers(next, 2) },
  ];
  const x = Float32Array.of(1, -1, 2, 0, -0.5);
  const y = Float32Array.of(1, 2, 3, 4, 5);
  const alphas = grid(2, 5);
  const expected = alphas.map((alpha) => lossAt(centre, direction, alpha, x, y));
  const method = await reluSegments(lineOf(centre, direction, alphas));
  assert.ok(worstRelative(await evaluated(method, { x, y, rows: 5 }), expected) < float32Bound);
});

test("segments do not carry anything from one batch to the next", async () => {
  const given = example([4, 6, 3, 1], 2, 21, 90);
  const method = await reluSegments(given.line);
  const once = await method.evaluate(given.batch);
  await method.evaluate({ x: given.batch.x.map((value) => 3 * value), y: given.batch.y, rows: 17 });
  assert.equal(await method.evaluate(given.batch), once);
});

test("a second layer without activation has its segments too", async () => {
  const given = example([4, 6, 5, 1], 2, 21, 90);
  const centre = given.line.centre.with(1, { ...given.line.centre[1]!, activation: "linear" });
  const line = { ...given.line, centre };
  const { x, y } = given.batch;
  const expected = line.alphas.map((alpha) =>
    lossAt(line.centre, line.directions[0]!, alpha, x, y),
  );
  assert.ok(
    worstRelative(await lossesOf(await reluSegments(line), given), expected) < float32Bound,
  );
});

test("a plane whose layers are too large to be kept for every line has the same losses", async () => {
  const next = normals(23);
  const rows = 20;
  const batch = { x: numbers(next, rows * 2), y: numbers(next, rows), rows };
  const [centre, one, two] = [0.3, 1, 1].map((scale) => network(next, [2, 4, 1024, 1], scale));
  const given = { centre: centre!, directions: [one!, two!], alphas: grid(1, 70) };
  const betas = grid(1, 70);
  const whole = await evaluated(await reluSegments({ ...given, betas }), batch);
  for (const line of [0, 41, 69]) {
    const alone = await reluSegments({ ...given, betas: betas.subarray(line, line + 1) });
    assert.equal(whole.slice(line * 70, (line + 1) * 70), await evaluated(alone, batch));
  }
});

test("the kernel fuses multiplications with additions where the engine can: from Node 22 on", async () => {
  const { line } = example([3, 4, 1], 1, 3, 5);
  const method = await reluSegments(line);
  assert.is(method.simd, Number(process.versions.node.split(".")[0]) >= 22 ? "relaxed" : "fixed");
  await method.dispose();
});

test.run();
