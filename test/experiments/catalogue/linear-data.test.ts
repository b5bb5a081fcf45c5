import { run } from "../small.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

test(
  "the data's statistics are those of the model",
  inFolder(async (folder) => {
    const { results } = await run(folder, "lsm-data");
    const statistics = results["statistics"] as { target: { variance: number; count: number } };
    const truth = results["trueWeights"] as number[];
    const expected = truth.reduce((sum, w) => sum + w * w, 0) + 0.01;
    // The sample variance of N normals has a relative standard deviation of √(2/N): five of them.
    assert.ok(Math.abs(statistics.target.variance / expected - 1) < 5 * Math.sqrt(2 / 10_000));
  }),
);

test.run();
