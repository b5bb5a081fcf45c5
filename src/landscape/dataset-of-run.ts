import { failure, messageOf } from "../common/errors.js";
import { featuresOf, isFiniteNetwork } from "../model/index.js";
import type { Network } from "../model/index.js";
import { openReference } from "../stream/index.js";
import type { CacheOptions, Dataset } from "../stream/index.js";
import type { Run } from "../train/index.js";

/** The given dataset, or else the run's own if its fingerprint is still the same. */
export async function datasetOfRun(
  run: Run,
  wanted: Dataset | string | undefined,
  cache: CacheOptions,
): Promise<Dataset> {
  if (typeof wanted === "object") return wanted;
  if (typeof wanted === "string") return openReference(run.record.dataset, wanted, cache);
  const { path: hint, fingerprint } = run.record.dataset;
  let dataset: Dataset;
  try {
    dataset = await openReference(run.record.dataset, undefined, cache);
  } catch (error) {
    throw failure(
      (option) =>
        `The dataset of ${run.dir} could not be opened where the run says it is (${messageOf(error)}); ` +
        `name its folder with ${option("dataset")}.`,
      error,
    );
  }
  if (dataset.fingerprint !== fingerprint) {
    throw failure(
      (option) =>
        `The dataset at ${hint} is not the one that ${run.dir} was trained on (its fingerprint differs); ` +
        `name the folder of the right one with ${option("dataset")}.`,
    );
  }
  return dataset;
}

/** Throws a failure where a run's model takes another number of features than a dataset has. */
export function checkFeatures(
  run: Run,
  network: Network,
  dataset: Pick<Dataset, "path" | "features">,
): void {
  if (featuresOf(network) === dataset.features) return;
  throw failure(
    (option) =>
      `The model of ${run.dir} takes ${featuresOf(network)} features, but the dataset ${dataset.path} has ` +
      `${dataset.features}; name the right one with ${option("dataset")}.`,
  );
}

/** Throws a failure where a run's model has weights that are not finite numbers. */
export function checkFinite(run: Run, network: Network): void {
  if (isFiniteNetwork(network)) return;
  throw failure(
    `The model of ${run.dir} has weights that are not finite numbers: its training diverged, and there is no ` +
      "loss around it; train it with a smaller learning rate.",
  );
}
