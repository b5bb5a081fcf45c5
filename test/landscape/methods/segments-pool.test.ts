import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import { reluSegments } from "../../../src/landscape/methods/relu-segments.js";
import { pooledSegments } from "../../../src/landscape/methods/segments-pool.js";
import { network, normals } from "../numbers.js";
import { example, grid, lineOf } from "./example.js";

test("threads find the same losses to the last bit, batch by batch", async () => {
  const given = example([4, 6, 3, 1], 2, 21, 90);
  const { x, y } = given.batch;
  const pooled = await pooledSegments(given.line, 2);
  const alone = await reluSegments(given.line);
  const batches = [0, 1, 2, 3].map((index) => ({
    x: x.slice(index * 80, index * 80 + 80),
    y: y.slice(index * 20, index * 20 + 20),
    rows: 20,
  }));
  const found = await Promise.all(
    batches.map((batch) => {
      const recycled = { ...batch, x: batch.x.slice(), y: batch.y.slice() };
      const losses = pooled.evaluate(recycled);
      recycled.x.fill(NaN);
      recycled.y.fill(NaN);
      return losses;
    }),
  );
  for (const [index, batch] of batches.entries())
    assert.equal(found[index], await alone.evaluate(batch));
  await pooled.dispose();
});

test("an error in a worker thread keeps its kind and its sentence", async () => {
  const next = normals(1);
  const widths = [1, 4, 1200, 1];
  // The last layer's weights at a million points do not fit into 4 GiB.
  const line = lineOf(network(next, widths, 1), network(next, widths, 1), grid(1, 1_000_000));
  const pooled = await pooledSegments(line, 1);
  try {
    await pooled.evaluate({ x: new Float32Array(1), y: new Float32Array(1), rows: 1 });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, VadiError);
    assert.is((error as VadiError).kind, "failed");
    assert.match(
      (error as VadiError).message,
      "more than there is memory for; use a smaller model",
    );
  } finally {
    await pooled.dispose();
  }
});

test.run();
