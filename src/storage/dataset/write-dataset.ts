import { throwIfAborted } from "../../common/errors.js";
import type { SyntheticManifest } from "../format/manifest.js";
import { makeOrReplace } from "../output/dataset-folder.js";
import { removeJournal } from "../output/journal.js";
import { maximaWarnings } from "./find-maxima.js";
import { checkGenerateSpec, type GenerateSpec } from "./generate-spec.js";
import { GENERATOR, writeSyntheticManifest, type ManifestParts } from "./write-manifest.js";
import { writeShards, type WriteOptions } from "./write-shards.js";

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

/**
 * Generates a synthetic dataset into a folder, in worker threads, a record batch at a time. The same
 * spec gives the same bytes with any number of workers, interrupted or not. The manifest comes last:
 * a folder with a manifest is a complete dataset.
 *
 * @throws a usage error for a wrong option; a failure where the folder holds something else, the disk is full or
 * a maximum is zero; an interruption when aborted (what is finished can be resumed)
 */
export async function writeDataset(
  spec: GenerateSpec,
  options: WriteOptions = {},
): Promise<WrittenDataset> {
  const checked = checkGenerateSpec(spec);
  throwIfAborted(options.signal);
  return makeOrReplace(
    checked,
    (folder, resume) => {
      const job = { spec: { ...checked, resume }, part: undefined };
      return writeShards(job, folder, options, async ({ shards, maxima }) => {
        // The last moment to interrupt: now the dataset becomes complete.
        throwIfAborted(options.signal);
        const parts = { ...checked, shards, maxima, generator: GENERATOR };
        return { ...(await finishDataset(folder, parts)), path: checked.out };
      });
    },
    options.signal,
  );
}

/** Makes a dataset complete whose shards are all in the folder: writes its manifest and removes its journal. */
export async function finishDataset(folder: string, parts: ManifestParts): Promise<WrittenDataset> {
  const manifest = await writeSyntheticManifest(folder, parts);
  await removeJournal(folder);
  const { shards, maxima, row } = parts;
  return {
    path: folder,
    manifest,
    bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0),
    warnings: maxima === undefined ? [] : maximaWarnings(maxima, row.seed),
  };
}
