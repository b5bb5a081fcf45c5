import { run } from "../small.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

test(
  "the same training on every backend ends at the same losses, and what is not here is listed",
  inFolder(async (folder) => {
    const { results, html } = await run(folder, "device");
    const { backends, notRun, gpu, largestLossDifference } = results as {
      backends: { name: string; linear: { loss: number; seconds: number } }[];
      notRun: { name: string; install: string }[];
      gpu: boolean;
      largestLossDifference: { linear: number; mlp: number };
    };
    assert.equal(
      backends.map(({ name }) => name),
      ["wasm", "cpu"],
    );
    assert.equal(
      notRun.map(({ install }) => install),
      ["gpu", "native", "webgpu"].map((name) => `vadi backend install ${name}`),
    );
    assert.is(gpu, false);
    for (const { linear } of backends) assert.ok(linear.loss > 0 && linear.seconds > 0);
    // Sums of at most 1000 float32 products in another order.
    assert.ok(largestLossDifference.linear < 1e-5 && largestLossDifference.mlp < 1e-5);
    assert.match(html, "There was no GPU");
  }),
);

test.run();
