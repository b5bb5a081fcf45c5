import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { lossesOf, quadratic } from "../../../src/landscape/methods/curves.js";
import { openLossLog } from "../../../src/landscape/summary/loss-log.js";
import { readMeans, writeMeans } from "../../../src/landscape/store/tables.js";
import { inFolder } from "../../helpers/folder.js";

test(
  "means are read back, and what has overflowed gives the losses that it gave",
  inFolder(async (folder) => {
    const grid = { alphas: Float64Array.of(-1, 0, 0.5), betas: Float64Array.of(-2, 0, 1) };
    const curves = quadratic(grid);
    const log = openLossLog(path.join(folder, "losses.bin"), curves);
    const values = [
      [1, -0.25, 2, 0.1, -1e-300, 3],
      [Infinity, NaN, Infinity, 0, NaN, 1],
      [1, 0, Infinity, NaN, -Infinity, Infinity],
      [1, 0, 1, NaN, NaN, Infinity],
    ].map((means) => Float64Array.from(means));
    const batches = [3, 8, 9, 4000];
    for (const [index, means] of values.entries()) log.append(batches[index]!, means);
    const file = path.join(folder, "means.parquet");
    await writeMeans(file, batches, log);
    log.close();
    const found = await readMeans(file, curves.means);
    assert.equal([...found.batches], batches);
    assert.equal(found.means[0], values[0]);
    for (const [index, means] of values.entries()) {
      assert.equal(lossesOf(curves, 9, found.means[index]!), lossesOf(curves, 9, means));
    }
  }),
);

test.run();
