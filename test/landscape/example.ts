import { mkdtempSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { fillOptions } from "../../src/common/options/options.js";
import { trainingOptions } from "../../src/train/options.js";
import { VadiError } from "../../src/common/errors.js";
import type { DenseNetwork } from "../../src/model/index.js";
import type { Run } from "../../src/train/index.js";
import { memoryDataset } from "../helpers/memory-dataset.js";
import { network, normals, numbers } from "./numbers.js";

/** For the runs and landscapes of a test file; removed after its last test. */
export const folder = mkdtempSync(path.join(tmpdir(), "vadi-landscape-"));
test.after(() => rm(folder, { recursive: true, force: true }));

/** A run as far as landscapes need one. */
export function runOf(weights: DenseNetwork, name: string, fingerprint = "a".repeat(64)): Run {
  const layers = [weights[0]!.inputs, ...weights.map((layer) => layer.outputs)];
  return {
    dir: path.join(folder, name),
    warnings: [],
    record: {
      formatVersion: 1,
      status: "done",
      options: {
        ...fillOptions(trainingOptions, { batchSize: 40 }),
        logEvery: 1,
        stepSize: 1,
      },
      layers,
      parameters: 0,
      dataset: { path: path.join(folder, "gone"), fingerprint, kind: "lsm", rows: 90, features: 3 },
      backend: "cpu",
      engine: "tensor",
      standardize: null,
      threads: 1,
      versions: { vadi: "0", tfjs: "0", node: "0" },
      command: "vadi train",
      result: null,
    },
    history: () => Promise.resolve([]),
    predictions: () => Promise.resolve(undefined),
    weights: () => Promise.resolve(weights),
    network: () => Promise.resolve(weights),
    model: () => Promise.reject(new Error("not part of this test")),
  };
}

/** A run of random weights, and random rows. */
export function example(widths: number[], rows: number, name: string) {
  const next = normals(5);
  const x = numbers(next, rows * widths[0]!);
  const y = numbers(next, rows);
  const run = runOf(network(next, widths, 0.3), name);
  return { x, y, run, dataset: memoryDataset(x, y) };
}

/** Asserts that work is refused with an error of a kind whose message contains all words. */
export async function refused(
  work: Promise<unknown>,
  kind: VadiError["kind"],
  ...words: string[]
): Promise<void> {
  const error: unknown = await work.then(
    () => assert.unreachable("it was not refused"),
    (reason: unknown) => reason,
  );
  assert.instance(error, VadiError);
  assert.is((error as VadiError).kind, kind, (error as VadiError).message);
  for (const word of words)
    assert.ok((error as VadiError).message.includes(word), `${word}: ${String(error)}`);
}

export async function assertMissing(dir: string): Promise<void> {
  const error: unknown = await stat(dir).catch((reason: unknown) => reason);
  assert.instance(error, Error, `${dir} is there`);
}
