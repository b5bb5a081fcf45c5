import path from "node:path";
import { train } from "../../../src/train/index.js";
import { inFolder } from "../../helpers/folder.js";
import { linearData, memoryDataset } from "../../helpers/memory-dataset.js";
import { assert, test } from "../../helpers/test.js";

const { x, y } = linearData(40, [1, -2], 0.05);

test(
  "patience ends gradient descent, and the best epoch's weights are the run's",
  inFolder(async (folder) => {
    const training = memoryDataset(x, y);
    const start = await train(training, { out: path.join(folder, "start"), epochs: 0 });
    const [a = 0, b = 0] = start.record.result!.weights!;
    // The kept rows fit the weights at the start, so that every step makes their loss larger.
    const kept = y.map((_, row) => a * x[2 * row]! + b * x[2 * row + 1]!);
    const dataset = {
      ...training,
      split: () => Promise.resolve([training, memoryDataset(x, kept)]),
    };
    const options = { optimizer: "gradient-descent", learningRate: 0.01 } as const;
    const stopped = await train(dataset, {
      ...options,
      out: path.join(folder, "stopped"),
      epochs: 20,
      validation: 0.5,
      patience: 3,
    });
    const { steps, validation } = stopped.record.result!;
    assert.is(steps, 4);
    assert.is(validation!.epoch, 1);
    assert.is(validation!.stoppedEarly, true);
    const one = await train(training, { ...options, out: path.join(folder, "one"), epochs: 1 });
    assert.equal(await stopped.weights(), await one.weights());
  }),
);

test.run();
