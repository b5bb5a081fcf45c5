import { run } from "../small.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

test(
  "the paraboloid's cut is z = 2x², the walk goes through the floor half-way",
  inFolder(async (folder) => {
    const { cut } = (await run(folder, "paraboloid")).results as {
      cut: { x: number; y: number; z: number }[];
    };
    for (const { x, y, z } of cut) {
      assert.is(y, -x);
      assert.ok(Math.abs(z - 2 * x * x) < 1e-12);
    }
    const { results } = await run(folder, "walk");
    const heights = results["heights"] as number[];
    assert.is(heights.length, 100);
    assert.is(heights[0], 200);
    assert.is(results["lowestStep"], 50);
    assert.ok(Math.abs((heights[99] ?? NaN) - 2 * 9.8 ** 2) < 1e-9, "one step short of the end");
  }),
);

test.run();
