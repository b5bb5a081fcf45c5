import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runExperiment } from "../../src/experiments/index.js";
import { reversedUnits } from "../../src/experiments/convexity/networks.js";
import { inFolder } from "../helpers/folder.js";
import { lossAt, network, normals, numbers } from "../landscape/numbers.js";

test("a network with its hidden units in another order is the same function", () => {
  const next = normals(3);
  const plain = network(next, [3, 5, 4, 1], 1);
  const reversed = reversedUnits(plain);
  const [x, y] = [numbers(next, 60), numbers(next, 20)];
  const loss = lossAt(plain, plain, 0, x, y);
  assert.ok(Math.abs(lossAt(reversed, plain, 0, x, y) - loss) <= 1e-12 * loss);
  assert.not.equal(reversed[0]!.weights, plain[0]!.weights);
  assert.equal(reversedUnits(reversed), plain);
});

interface Witness {
  losses: [number, number, number];
  excess: number;
  rounding: number;
  convex: boolean;
}

interface Bend extends Witness {
  eigenvalue: number;
  residual: number;
  largest: number;
}

test(
  "non-convexity: equal minima with a barrier, a line that bends downwards, and none in the linear model",
  inFolder(async (folder) => {
    const { results } = await runExperiment("non-convexity", {
      out: path.join(folder, "out"),
      overrides: { rows: 20_000, batchSize: 1000, epochs: 20 },
    });
    const { permutation, depth, linear } = results as unknown as Record<string, Witness>;
    const [left, middle, right] = permutation!.losses;
    assert.ok(Math.abs(left - right) < 1e-6 * left, `two equal minima: ${left}, ${right}`);
    assert.ok(middle > 2 * left, `a barrier: ${permutation!.losses.join(", ")}`);
    for (const witness of [permutation!, depth!]) {
      assert.ok(witness.excess > 1e6 * witness.rounding, JSON.stringify(witness));
      assert.is(witness.convex, false);
    }
    assert.ok(linear!.excess <= linear!.rounding);
    assert.is(linear!.convex, true);
    const { curvature, linearCurvature } = results as unknown as Record<string, Bend>;
    assert.ok(curvature!.eigenvalue + curvature!.residual < 0, JSON.stringify(curvature));
    assert.ok(curvature!.excess > 1e3 * curvature!.rounding, JSON.stringify(curvature));
    assert.is(curvature!.convex, false);
    assert.ok(linearCurvature!.eigenvalue > linearCurvature!.residual);
    assert.ok(linearCurvature!.eigenvalue <= linearCurvature!.largest);
  }),
);

test.run();
