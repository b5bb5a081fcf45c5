import { assert, test } from "../helpers/test.js";
import { momentsOf } from "../../src/landscape/summary/stretch-moments.js";
import { openQuadraticKernel } from "../../src/landscape/summary/summary-kernel.js";
import type { QuadraticKernel } from "../../src/landscape/summary/summary-kernel.js";
import { exactMoments } from "./exact-moments.js";
import { normals } from "./numbers.js";

/** A kernel that holds (α − 1/2)², times what is the batch's, and a level for all. */
function pencil(count: number, level: number): QuadraticKernel {
  const next = normals(count);
  const kernel = openQuadraticKernel(count, 1);
  const [c, l, q] = kernel.coefficients;
  for (let batch = 0; batch < count; batch++) {
    const size = 1 + Math.abs(next());
    c![batch] = level + size / 4;
    l![batch] = -size;
    q![batch] = size;
  }
  return kernel;
}

for (const count of [2, 3, 64, 101]) {
  test(`${count} batches: the closed form is exact to the last digits, however near a crossing`, () => {
    const kernel = pencil(count, 0.25);
    for (const distance of [1, 1e-2, 1e-4]) {
      // Deviations grow with the square of the distance: by a fifth they change by 2/5 of themselves.
      const [centre, reach] = [0.5 + distance, distance / 5];
      const moments = momentsOf(kernel, centre, reach, 1e-15);
      assert.ok(moments !== undefined);
      for (const tau of [-1, -0.3, 0, 0.7, 1]) {
        const alpha = centre + tau * reach;
        const exact = exactMoments(kernel.coefficients, alpha);
        const found = moments((alpha - centre) / reach);
        assert.ok(Math.abs(found.mean - exact.mean) <= 1e-15);
        const off = Math.sqrt(found.variance) - Math.sqrt(exact.variance);
        assert.ok(Math.abs(off) <= 1e-13 * Math.sqrt(exact.variance) + 1e-15, `${off}`);
      }
    }
  });
}

test("there is no closed form across a crossing, nor where losses are below 0", () => {
  const kernel = pencil(50, 0.25);
  assert.is(momentsOf(kernel, 0.6, 0.09, 1e-15), undefined);
  assert.is(momentsOf(kernel, 0.5, 1e-3, 1e-15), undefined);
  assert.ok(momentsOf(kernel, 0.6, 0.01, 1e-15) !== undefined);
  kernel.coefficients[0]![49]! -= 0.5;
  assert.is(momentsOf(kernel, 0.6, 0.01, 1e-15), undefined);
});

test.run();
