import { failure, throwIfAborted } from "../../common/errors.js";
import { checkOutputFolder } from "../../files/output-folder.js";
import { maximaWarnings } from "../dataset/find-maxima.js";
import { writeShards, type WriteOptions } from "../dataset/write-shards.js";
import type { ShardEntry } from "../format/manifest.js";
import { isRemote } from "../format/location.js";
import { DATASET_FOLDER, remoteJob, resumable } from "../output/dataset-folder.js";
import { checkRemoteOutput, inRemoteOutput } from "../output/remote-output.js";
import { checkPartSpec, type PartSpec } from "./part-spec.js";

/** Some shards of a dataset, without a manifest. */
export interface WrittenPart {
  /** The folder, absolute. */
  path: string;
  shards: ShardEntry[];
  rows: number;
  /** Of all its shards together. */
  bytes: number;
  /** Two-layer-sigmoid: those of the complete dataset, which other parts can read from this folder. */
  maxima: [number, number] | undefined;
  warnings: string[];
}

/**
 * Generates some shards of a dataset into a folder of their own, with the journal that
 * `joinDatasets` reads. Every machine makes a part; joined, they have the same bytes as the dataset
 * that one machine makes.
 *
 * @throws as `writeDataset` does; a failure also where the folder holds a dataset
 */
export async function writePart(spec: PartSpec, options: WriteOptions = {}): Promise<WrittenPart> {
  const job = await checkPartSpec(spec);
  const { out, row } = job.spec;
  throwIfAborted(options.signal);
  const make = (folder: string, resume: boolean): Promise<WrittenPart> => {
    const resumed = { ...job, spec: { ...job.spec, resume } };
    return writeShards(resumed, folder, options, async ({ shards, maxima }) => ({
      path: out,
      shards,
      rows: shards.reduce((sum, shard) => sum + shard.rows, 0),
      bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0),
      maxima,
      warnings: maxima === undefined ? [] : maximaWarnings(maxima, row.seed),
    }));
  };
  const remote = isRemote(out) ? remoteJob(job.spec, options.signal, true) : undefined;
  const { action } =
    remote === undefined
      ? { action: await checkOutputFolder(out, DATASET_FOLDER, job.spec) }
      : await checkRemoteOutput(out, remote);
  if (action === "replace" || action === "complete") {
    throw failure(
      (option) =>
        `${out} holds a dataset; ${option("shards")} makes a part of one in a folder of its own.`,
    );
  }
  return resumable(out, () =>
    remote === undefined ? make(out, job.spec.resume) : inRemoteOutput(out, remote, make),
  );
}
