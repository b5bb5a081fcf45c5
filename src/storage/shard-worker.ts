// Runs in a worker thread: makes, measures and hashes whole shards.
import { workerTask } from "../common/worker-task.js";
import { createRowMaker, type RowMaker, type RowSpec } from "../generate/index.js";
import { hashFile } from "./hash.js";
import type { ShardEntry } from "./manifest.js";
import { writeShardFile } from "./shard-file.js";
import { findBoth, findOne, type ShardMaxima } from "./shard-maxima.js";
import { prepareCompression, type Compression } from "./compression.js";
import { recordBatchRows, type ShardDescription, type ShardFormat } from "./shard-format.js";

/** One piece of work on one shard. */
export type ShardTask =
  | {
      type: "write";
      file: string;
      format: ShardFormat;
      compression: Compression;
      description: ShardDescription;
    }
  | {
      /** The largest first-layer value of the rows, or second-layer value where the first maximum is given. */
      type: "maximum";
      spec: RowSpec;
      firstRow: number;
      rows: number;
      maximum1: number | undefined;
      /** A value of another row, which is the result where no row of these has a larger one. */
      atLeast: number;
      /** First rows of groups of rows, counted from firstRow: the only ones to look at. Default: all. */
      groups?: readonly number[];
    }
  | {
      /** The largest first-layer value of the rows, and what finds the second-layer one later. */
      type: "both maxima";
      spec: RowSpec;
      firstRow: number;
      rows: number;
      /** As above, a first-layer value. */
      atLeast: number;
    }
  | { type: "hash"; file: string };

export type ShardTaskResult = ShardEntry | ShardMaxima | number | string;

/** Kernel memory is kept from one shard to the next of the same spec. */
let kept: { key: string; maker: RowMaker } | undefined;

function rowMaker(spec: RowSpec, maxima?: readonly [number, number]): RowMaker {
  const key = JSON.stringify([spec, maxima]);
  if (kept?.key !== key) {
    kept = { key, maker: createRowMaker(spec, recordBatchRows(spec.features), maxima) };
  }
  return kept.maker;
}

async function runShardTask(task: ShardTask): Promise<ShardTaskResult> {
  if (task.type === "hash") return hashFile(task.file);
  if (task.type === "maximum") return findOne(rowMaker(task.spec), task);
  if (task.type === "both maxima") return findBoth(rowMaker(task.spec), task);
  await prepareCompression(task.compression);
  const { description } = task;
  if (description.spec.kind === "table") throw new Error("A converted table cannot be generated.");
  const maker = rowMaker(description.spec, description.maxima);
  return writeShardFile(task.file, task.format, task.compression, description, async (append) => {
    for (let done = 0; done < description.rows; done += maker.capacity) {
      const rows = Math.min(maker.capacity, description.rows - done);
      const { x, y } = maker.make(description.firstRow + done, rows);
      // The next rows are made where these lie.
      await append(x, y, rows);
    }
  });
}

const task: (given: ShardTask) => Promise<ShardTaskResult> = workerTask(runShardTask);
export default task;
