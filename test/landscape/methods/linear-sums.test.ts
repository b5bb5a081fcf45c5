import { assert, test } from "../../helpers/test.js";
import { linearSums } from "../../../src/landscape/methods/linear-sums.js";
import { lossAt, network, normals, numbers, worstRelative } from "../numbers.js";
import { evaluated, example, float64Bound, grid, lineOf, lossesOf } from "./example.js";

test("the linear model's sums are the float64 losses", async () => {
  for (const [features, scale, points, rows] of [
    [10, 1, 101, 1000],
    [10, 1e-6, 11, 1000],
    [3, 100, 7, 70_001],
    [1, 1, 1, 1],
  ] as const) {
    const given = example([features, 1], scale, points, rows);
    const losses = await lossesOf(await linearSums(given.line), given);
    assert.ok(
      worstRelative(losses, given.expected) < float64Bound,
      `D=${features}, scale ${scale}`,
    );
  }
});

test("the linear model's sums keep their digits where the residual is tiny", async () => {
  const next = normals(3);
  const rows = 500;
  const x = numbers(next, rows * 4);
  const centre = network(next, [4, 1], 1);
  const direction = network(next, [4, 1], 1);
  // Targets as float32 has them: residuals of 1e-8, losses of 1e-15.
  const y = Float32Array.from({ length: rows }, (_, row) =>
    centre[0]!.weights.reduce((sum, w, feature) => sum + w * x[row * 4 + feature]!, 0),
  );
  const alphas = grid(1e-7, 5);
  const expected = alphas.map((alpha) => lossAt(centre, direction, alpha, x, y));
  const method = await linearSums(lineOf(centre, direction, alphas));
  const losses = await evaluated(method, { x, y, rows }, 5);
  assert.ok(expected[2]! < 1e-13);
  assert.ok(worstRelative(losses, expected) < 1e-7);
});

test.run();
