import path from "node:path";
import { failure, interruption, messageOf, throwIfAborted } from "../common/errors.js";
import { writeFileAtomic } from "../storage/index.js";
import { openDataset } from "../stream/index.js";
import type { Dataset } from "../stream/index.js";
import { openRun, saveNetwork } from "../train/index.js";
import type { Run } from "../train/index.js";
import { makeLine } from "./line.js";
import { chooseMethod } from "./methods.js";
import { openLandscape } from "./open.js";
import { commandOf, defaultName, settingsOf } from "./options.js";
import { beginOutput } from "./output.js";
import { slicesOf } from "./pass.js";
import type { Pass } from "./pass.js";
import { recordFile } from "./record.js";
import { selectBatches } from "./selection.js";
import { summarise } from "./summary.js";
import { writeSlices, writeSummary } from "./tables.js";
import type { Landscape, LandscapeOptions, LandscapeRecord } from "./types.js";

/** The number of a line's only slice. */
const slice = 0;

/**
 * Computes the loss (mean squared error) of each selected batch at every point of a line through a
 * run's weights, in one pass over the data, and writes it to a folder. Batch i is rows i·B … (i+1)·B−1
 * of the dataset in file order; the last one may be smaller.
 *
 * @param run a run, or its folder
 * @returns the landscape, as read back from its folder
 * @throws a usage error for options that cannot be, batches that are not there or a folder that is
 *   taken; a failure where run, dataset or model do not fit each other or files cannot be read or
 *   written; an interruption once `signal` is
 *   aborted. Nothing is left behind by any of them.
 */
export async function landscape(
  run: Run | string,
  options: LandscapeOptions = {},
): Promise<Landscape> {
  const opened = typeof run === "string" ? await openRun(run) : run;
  const settings = settingsOf(options, opened.record.options.batchSize);
  const dataset = await datasetOf(opened, options.dataset);
  const batches = selectBatches(settings.batches, dataset.rows, settings.batchSize);
  const network = await opened.network();
  if (network[0]!.inputs !== dataset.features) {
    throw failure(
      `The model of ${opened.dir} takes ${network[0]!.inputs} features, but the dataset ${dataset.path} has ` +
        `${dataset.features}; name the right one with --dataset.`,
    );
  }
  if (
    network.some(
      ({ bias, activation }) => bias !== undefined || !/^(relu|linear)$/.test(activation),
    )
  ) {
    throw failure(
      `The model of ${opened.dir} has biases or activations other than ReLU, which landscapes do not draw yet.`,
    );
  }
  if (
    settings.along === "random" &&
    !network.every(({ weights }) => weights.every(Number.isFinite))
  ) {
    throw failure(
      `The model of ${opened.dir} has weights that are not finite numbers: its training diverged, and there is no ` +
        "loss around it; train it with a smaller learning rate.",
    );
  }
  throwIfAborted(options.signal);

  const out = path.resolve(
    options.out ?? path.join(opened.dir, "landscapes", defaultName(settings)),
  );
  const line = makeLine(network, settings);
  const output = await beginOutput(out, options.force ?? false);
  try {
    const evaluated = Math.min(dataset.rows, batches.length * settings.batchSize);
    const method = await chooseMethod(line, settings.workers, evaluated);
    let pass: Pass;
    try {
      pass = await slicesOf(dataset, batches, settings.batchSize, method, options);
    } finally {
      await method.dispose();
    }
    const { curves, rows, seconds } = pass;
    await saveNetwork(path.join(output.folder, "centre"), line.centre);
    await saveNetwork(path.join(output.folder, "directions", "1"), line.direction);
    await writeSlices(path.join(output.folder, "slices.parquet"), slice, line.alphas, curves);
    await writeSummary(
      path.join(output.folder, "summary.parquet"),
      summarise(slice, line.alphas, curves),
    );
    const record: LandscapeRecord = {
      formatVersion: 1,
      run: opened.dir,
      dataset: { path: dataset.path, fingerprint: dataset.fingerprint },
      kind: "line",
      along: settings.along,
      normalize: "none",
      seed: settings.seed,
      scale: settings.scale,
      alphas: [...line.alphas],
      batchSize: settings.batchSize,
      batches,
      directions: ["directions/1"],
      command: commandOf(opened.dir, settings, options, out),
      method: method.name,
      rows,
      seconds,
      rowPointsPerSecond: (rows * line.alphas.length) / Math.max(seconds, 1e-6),
    };
    await writeFileAtomic(
      path.join(output.folder, recordFile),
      `${JSON.stringify(record, null, 2)}\n`,
    );
    throwIfAborted(options.signal);
    await output.commit();
  } catch (error) {
    // However a part of the work puts it, this is what it was.
    if (options.signal?.aborted) {
      throw interruption(
        "The landscape was interrupted, and nothing of it is kept; the same command starts it again.",
      );
    }
    throw error;
  } finally {
    await output.discard();
  }
  return openLandscape(out);
}

/** The dataset that was asked for; else the run's own, if it is still what it was. */
async function datasetOf(run: Run, wanted: Dataset | string | undefined): Promise<Dataset> {
  if (typeof wanted === "object") return wanted;
  if (typeof wanted === "string") return openDataset(wanted);
  const { path: hint, fingerprint } = run.record.dataset;
  let dataset: Dataset;
  try {
    dataset = await openDataset(hint);
  } catch (error) {
    throw failure(
      `The dataset of ${run.dir} could not be opened where the run says it is (${messageOf(error)}); ` +
        "name its folder with --dataset.",
      error,
    );
  }
  if (dataset.fingerprint !== fingerprint) {
    throw failure(
      `The dataset at ${hint} is not the one that ${run.dir} was trained on (its fingerprint differs); ` +
        "name the folder of the right one with --dataset.",
    );
  }
  return dataset;
}
