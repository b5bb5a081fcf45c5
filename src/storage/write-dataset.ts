import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, throwIfAborted } from "../common/errors.js";
import { syncFolder } from "./atomic.js";
import { finishDataset } from "./finish-dataset.js";
import { checkGenerateSpec, type CheckedSpec, type GenerateSpec } from "./generate-spec.js";
import { JOURNAL_FILE } from "./journal.js";
import { lockFolder } from "./lock.js";
import type { SyntheticManifest } from "./manifest.js";
import { maximaWarnings } from "./maxima.js";
import { inspectFolder, type OutputFolder } from "./output-folder.js";
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
  if ((await inspectFolder(output)) !== "dataset") {
    return resumable(out, () => make(out, output.resume));
  }
  if (!output.force) {
    throw failure(`${out} holds a finished dataset: there is nothing to resume.`);
  }
  return replaceDataset(output, make);
}

/** Makes the new dataset beside the old one, which stays until the new one is whole. */
async function replaceDataset<Written>(
  spec: OutputFolder,
  make: (folder: string, resume: boolean) => Promise<Written>,
): Promise<Written> {
  const parent = path.dirname(spec.out);
  const name = path.basename(spec.out);
  const beside = path.join(parent, `.${name}.vadi-new`);
  const old = path.join(parent, `.${name}.vadi-old`);
  for (const folder of [beside, old]) await inspectFolder({ ...spec, out: folder });
  const unlock = lockFolder(spec.out);
  let written: Written;
  try {
    written = await make(beside, false);
  } catch (error) {
    // Nobody could go on with it: only --force comes here, which starts again.
    await rm(beside, { recursive: true, force: true });
    throw error;
  } finally {
    unlock();
  }
  await rm(old, { recursive: true, force: true });
  await rename(spec.out, old);
  await rename(beside, spec.out);
  syncFolder(parent);
  await rm(old, { recursive: true, force: true });
  return written;
}
