import { rm } from "node:fs/promises";
import path from "node:path";
import { failure, throwIfAborted } from "../../common/errors.js";
import { finishDataset } from "./finish-dataset.js";
import { checkGenerateSpec, type CheckedSpec, type GenerateSpec } from "./generate-spec.js";
import { JOURNAL_FILE } from "../output/journal.js";
import type { SyntheticManifest } from "../format/manifest.js";
import { maximaWarnings } from "./maxima.js";
import { inspectFolder, type OutputFolder } from "../output/output-folder.js";
import { endReplacement, replaceDataset } from "../output/replace-dataset.js";
import { GENERATOR, makeLocked, resumable, type WriteOptions } from "./write-shards.js";

/** What was written. */
export interface WrittenDataset {
  /** The folder, absolute. */
  path: string;
  manifest: SyntheticManifest;
  /** Of all shards together. */
  bytes: number;
  /** Sentences about the data that its user should know. */
  warnings: string[];
}

/** Makes the whole dataset in `folder`. */
function makeDataset(
  spec: CheckedSpec,
  folder: string,
  options: WriteOptions,
): Promise<WrittenDataset> {
  return makeLocked({ spec, part: undefined }, folder, options, async ({ shards, maxima }) => {
    // Later it is whole.
    throwIfAborted(options.signal);
    const manifest = await finishDataset(folder, {
      ...spec,
      shards,
      maxima,
      generator: GENERATOR,
    });
    await rm(path.join(folder, JOURNAL_FILE), { force: true });
    const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
    const warnings = maxima === undefined ? [] : maximaWarnings(maxima, spec.row.seed);
    return { path: spec.out, manifest, bytes, warnings };
  });
}

/**
 * Generates a synthetic dataset into a folder, in worker threads, a record batch at a time. The same
 * spec gives the same bytes with any number of workers, interrupted or not. The manifest comes last:
 * a folder with a manifest is a whole dataset.
 *
 * @throws a usage error for a wrong option; a failure where the folder is taken, the disk is full or
 * a maximum is zero; an interruption when aborted (what is finished can be resumed)
 */
export async function writeDataset(
  spec: GenerateSpec,
  options: WriteOptions = {},
): Promise<WrittenDataset> {
  const checked = checkGenerateSpec(spec);
  throwIfAborted(options.signal);
  return makeOrReplace(checked, (folder, resume) =>
    makeDataset({ ...checked, resume }, folder, options),
  );
}

/**
 * Makes a dataset in its folder, or with `force` beside one that is there already, which is replaced
 * once the new one is whole.
 */
export async function makeOrReplace<Written>(
  output: OutputFolder,
  make: (folder: string, resume: boolean) => Promise<Written>,
): Promise<Written> {
  const { out } = output;
  await endReplacement(out);
  if ((await inspectFolder(output)) !== "dataset") {
    return resumable(out, () => make(out, output.resume));
  }
  if (!output.force) {
    throw failure(`${out} holds a finished dataset: there is nothing to resume.`);
  }
  return replaceDataset(output, (folder) => make(folder, false));
}
