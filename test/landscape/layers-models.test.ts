import path from "node:path";
import { dispose, tensor } from "@tensorflow/tfjs-core";
import { chooseBackend } from "../../src/backend/index.js";
import { landscape } from "../../src/landscape/index.js";
import type { LayersNetwork } from "../../src/model/index.js";
import { train } from "../../src/train/index.js";
import { inFolder } from "../helpers/folder.js";
import {
  branched,
  dataset,
  loadedByTfjs,
  near,
  options,
  predictionsOf,
  rows,
  x,
  y,
} from "../helpers/layers-models.js";
import { assert, test } from "../helpers/test.js";

test(
  "landscapes of any model: the losses at every point are those of tfjs",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const out = path.join(folder, "run");
    const run = await train(dataset, { ...options, out, model });
    model.dispose();
    const trained = await loadedByTfjs(path.join(out, "model"));
    for (const [name, along] of [
      ["random", { along: "random", normalize: "filter" }],
      ["points", { along: "random-points" }],
      ["gradient", { along: "gradient" }],
      ["path", { along: "path", plane: true, points: [5, 3] }],
      ["model", { along: `model:${path.join(out, "initial")}` }],
    ] as const) {
      const made = await landscape(run, {
        dataset,
        points: 5,
        batches: 2,
        batchSize: 100,
        scale: name === "model" ? 1 : 0.5,
        out: path.join(folder, name),
        ...along,
      });
      assert.is(made.record.method, "batched-forward");
      const { centre, directions } = await made.axes();
      const networks = [centre, ...directions] as LayersNetwork[];
      const variables = trained.weights;
      for (const { values, trainable } of networks.slice(1).flatMap(({ weights }) => weights)) {
        assert.ok(trainable || name === "model" || values.every((value) => value === 0));
      }
      const { alphas, betas = [0] } = made.record;
      for (const { slice, batch, losses } of await made.curves()) {
        for (const [point, alpha] of alphas.entries()) {
          const beta = betas[slice]!;
          const values = variables.map(({ shape }, index) => {
            const [at, along1, along2] = networks.map(({ weights }) => weights[index]!.values);
            const moved = at!.map(
              (value, place) => value + alpha * along1![place]! + beta * (along2?.[place] ?? 0),
            );
            return tensor(moved, shape as number[]);
          });
          trained.setWeights(values);
          dispose(values);
          const part = x.subarray(batch * 300, (batch + 1) * 300);
          const expected =
            predictionsOf(trained, part).reduce(
              (sum, value, row) => sum + (value - y[batch * 100 + row]!) ** 2,
              0,
            ) / 100;
          near([losses[point]!], [expected], 1e-5);
        }
      }
    }
    trained.dispose();
  }),
);

test(
  "the gradient's direction is that of finite differences, and a step along it lowers the loss",
  inFolder(async (folder) => {
    await chooseBackend("wasm");
    const model = branched();
    const run = await train(dataset, {
      ...options,
      epochs: 1,
      out: path.join(folder, "run"),
      model,
    });
    const made = await landscape(run, {
      dataset,
      along: "gradient",
      batches: 1,
      batchSize: rows,
      points: 3,
      scale: 1e-3,
      out: path.join(folder, "gradient"),
    });
    const [curve] = await made.curves();
    const { losses } = curve!;
    const slope = (losses[2]! - losses[0]!) / 2e-3;
    const squared = made.record.directionNorms[0]! ** 2;
    // Along the gradient the loss rises by its squared length.
    assert.ok(Math.abs(slope / squared - 1) < 0.01, `${slope} for ${squared}`);
    model.dispose();
  }),
);

test.run();
