import { readFile } from "node:fs/promises";
import path from "node:path";
import { io, tensor2d } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { predict } from "../../src/train/index.js";
import { branchedModel } from "./branched-model.js";
import { linearData, memoryDataset } from "./memory-dataset.js";
import { assert } from "./test.js";

/*
 * A dataset, and what the tests of TensorFlow.js models other than chains of dense layers share.
 */

export const rows = 400;
export const { x, y } = linearData(rows, [1, -2, 0.5], 0.1);
export const dataset = memoryDataset(x, y);

/** Two branches that are put together, batch normalisation and dropout. */
export const branched = (): LayersModel => branchedModel(3);

/** What tf.loadLayersModel makes of a folder. */
export async function loadedByTfjs(dir: string): Promise<LayersModel> {
  const json = JSON.parse(await readFile(path.join(dir, "model.json"), "utf8"));
  const bytes = await readFile(path.join(dir, json.weightsManifest[0].paths[0]));
  return loadLayersModel(
    io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: Uint8Array.from(bytes).buffer,
    }),
  );
}

export function predictionsOf(model: LayersModel, values: Float32Array = x): number[] {
  const given = tensor2d(values, [values.length / 3, 3]);
  const made = model.predict(given) as Tensor2D;
  const found = [...made.dataSync()];
  given.dispose();
  made.dispose();
  return found;
}

export async function predictedBy(dir: string): Promise<number[]> {
  const found: number[] = [];
  for await (const part of predict(dir, dataset)) found.push(...part);
  return found;
}

export function near(found: ArrayLike<number>, expected: ArrayLike<number>, bound: number): void {
  assert.is(found.length, expected.length);
  for (let at = 0; at < found.length; at++) {
    const off = Math.abs(found[at]! - expected[at]!);
    assert.ok(off <= bound * Math.max(1, Math.abs(expected[at]!)), `${found[at]}, ${expected[at]}`);
  }
}

export const options = {
  optimizer: "adam",
  learningRate: 0.02,
  batchSize: 64,
  epochs: 6,
  checkpointEvery: "5steps",
} as const;
