import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { runExperiment } from "../../../src/experiments/index.js";
import { inFolder } from "../../helpers/folder.js";

/*
 * Four ways to the weights of the same data, at the notebook's full length. What the noise allows:
 *
 * - closed form against the true w: five standard deviations of the least-squares estimate; the
 *   experiment's own `errorBound` holds for all weights at once and is somewhat larger.
 * - descent against the closed form: after 1000 steps of 0.01 the distance has shrunk by
 *   (1 − 2·0.01·λ)^1000 with λ ≥ 0.9, to 10⁻⁷ of a distance of some 3; float32 adds some 10⁻⁶.
 * - SGD against the closed form: at rest its weights scatter with a variance of at most lr·noise²/batch
 *   (Mandt, Hoffman, Blei 2017, for independent batches; those of an epoch without replacement
 *   scatter less); five of these standard deviations.
 */
const ROWS = 10_000;
const NOISE = 0.1;

function weightsOf(results: Record<string, unknown>): number[] {
  return results["estimatedWeights"] as number[];
}

function distance(a: readonly number[], b: readonly number[]): number {
  assert.is(a.length, 10);
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));
}

test(
  "closed form, gradient descent, autograd and SGD agree with each other and with the true weights",
  inFolder(async (folder) => {
    const results: Record<string, Record<string, unknown>> = {};
    for (const name of ["closed-form", "gradient-descent", "autograd", "sgd"]) {
      const made = await runExperiment(name, { out: path.join(folder, name) });
      results[name] = made.results;
    }
    const weights = (name: string): number[] => weightsOf(results[name] ?? {});
    const truth = results["closed-form"]?.["trueWeights"] as number[];
    const statistical = (5 * NOISE) / Math.sqrt(ROWS) / 0.9;
    assert.ok(distance(weights("closed-form"), truth) < statistical);
    for (const result of Object.values(results)) {
      const error = distance(weightsOf(result), truth);
      assert.is(result["largestError"], error);
      assert.ok(error <= (result["errorBound"] as number));
      assert.ok((result["errorBound"] as number) < 1.5 * statistical, "no looser than it must be");
    }
    assert.ok(distance(weights("gradient-descent"), weights("closed-form")) < 1e-5);
    assert.ok(distance(weights("autograd"), weights("gradient-descent")) < 1e-5);
    const scatter = 5 * Math.sqrt((0.001 * NOISE ** 2) / 1000);
    assert.ok(distance(weights("sgd"), weights("closed-form")) < scatter);
    assert.ok(distance(weights("sgd"), truth) < statistical + scatter);
    // The notebook logs every hundredth of 1000 epochs.
    const losses = results["sgd"]?.["losses"] as { epoch: number; loss: number }[];
    assert.equal(
      losses.map(({ epoch }) => epoch),
      [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000],
    );
    assert.ok(Math.abs((losses[9]?.loss ?? NaN) - NOISE ** 2) < 0.002);
  }),
);

test.run();
