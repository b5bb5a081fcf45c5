import { failure, throwIfAborted } from "../../common/errors.js";
import type { ShardEntry } from "../format/manifest.js";
import { maximaWarnings } from "../dataset/maxima.js";
import { inspectFolder } from "../output/output-folder.js";
import { checkPartSpec, type PartSpec } from "../dataset/part-spec.js";
import { makeLocked, resumable, type WriteOptions } from "../dataset/write-shards.js";

/** Some shards of a dataset, without a manifest. */
export interface WrittenPart {
  /** The folder, absolute. */
  path: string;
  shards: ShardEntry[];
  rows: number;
  /** Of all its shards together. */
  bytes: number;
  /** Two-layer-sigmoid: those of the whole dataset, which other parts can read from this folder. */
  maxima: [number, number] | undefined;
  warnings: string[];
}

/**
 * Generates some shards of a dataset into a folder of their own, with the journal that
 * `joinDatasets` reads: every machine makes a part, and joined they are the bytes of the dataset made
 * whole.
 *
 * @throws as `writeDataset` does; a failure also where the folder holds a dataset
 */
export async function writePart(spec: PartSpec, options: WriteOptions = {}): Promise<WrittenPart> {
  const job = await checkPartSpec(spec);
  const { out, row } = job.spec;
  throwIfAborted(options.signal);
  if ((await inspectFolder(job.spec)) === "dataset") {
    throw failure(`${out} holds a dataset; --shards makes a part of one in a folder of its own.`);
  }
  return resumable(out, () =>
    makeLocked(job, out, options, async ({ shards, maxima }) => ({
      path: out,
      shards,
      rows: shards.reduce((sum, shard) => sum + shard.rows, 0),
      bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0),
      maxima,
      warnings: maxima === undefined ? [] : maximaWarnings(maxima, row.seed),
    })),
  );
}
