import { run } from "../small.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

interface LineResults {
  alphas: number[];
  meanLosses: number[];
  lowestOfMean: { alpha: number; loss: number };
  lowestOfBatches: { batch: number; alpha: number; loss: number }[];
}

test(
  "there is no optimum between two random points, and one along a line through the estimate",
  inFolder(async (folder) => {
    const random = (await run(folder, "slice-random")).results as unknown as LineResults;
    assert.is(random.alphas.length, 100);
    assert.is(random.alphas[0], 0);
    assert.ok(Math.abs((random.alphas[99] ?? NaN) - 0.99) < 1e-12);
    // The noise's variance is 0.01; the line stays far above it.
    assert.ok(Math.min(...random.meanLosses) > 1);
    const bowl = (await run(folder, "slice-optimum")).results as unknown as LineResults;
    assert.is(bowl.lowestOfMean.alpha, bowl.alphas[50]);
    assert.ok(Math.abs(bowl.lowestOfMean.alpha) < 1e-12);
    assert.ok(Math.abs(bowl.lowestOfMean.loss - 0.01) < 0.001);
    // A bowl: convex all along the grid.
    for (let i = 1; i < 99; i++) {
      const [a = NaN, b = NaN, c = NaN] = bowl.meanLosses.slice(i - 1, i + 2);
      assert.ok(a + c > 2 * b);
    }
  }),
);

test(
  "batches are overlaid one by one",
  inFolder(async (folder) => {
    const { results, html } = await run(folder, "batches-overlaid");
    const { lowestOfBatches } = results as unknown as LineResults;
    assert.equal(
      lowestOfBatches.map(({ batch }) => batch),
      [0, 1, 2, 3, 4],
    );
    assert.match(html, "batch 4");
  }),
);

test.run();
