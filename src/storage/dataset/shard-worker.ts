// Runs in a worker thread: makes, measures and hashes whole shards.
import { workerTask } from "../../common/worker-task.js";
import { createRowMaker, type RowMaker, type RowSpec } from "../../generate/index.js";
import { hashFile } from "../../files/hash.js";
import type { ShardEntry } from "../format/manifest.js";
import { writeShardFile } from "./shard-file.js";
import { prepareCompression, type Compression } from "../format/compression.js";
import {
  recordBatchRows,
  type ShardDescription,
  type ShardFormat,
} from "../format/shard-format.js";

/** Finds the largest first-layer value of the rows, or second-layer value where the first maximum is given. */
interface MaximumTask {
  type: "maximum";
  spec: RowSpec;
  firstRow: number;
  rows: number;
  maximum1: number | undefined;
}

/** One piece of work on one shard. */
export type ShardTask =
  | {
      type: "write";
      file: string;
      format: ShardFormat;
      compression: Compression;
      description: ShardDescription;
    }
  | MaximumTask
  | { type: "hash"; file: string };

export type ShardTaskResult = ShardEntry | number | string;

/** Kernel memory is kept from one shard to the next of the same spec. */
let kept: { key: string; maker: RowMaker } | undefined;

function rowMaker(spec: RowSpec, maxima?: readonly [number, number]): RowMaker {
  const key = JSON.stringify([spec, maxima]);
  if (kept?.key !== key) {
    kept = { key, maker: createRowMaker(spec, recordBatchRows(spec.features), maxima) };
  }
  return kept.maker;
}

/** The largest value of one layer over a shard's rows. */
function largestOf({ spec, firstRow, rows, maximum1 }: MaximumTask): number {
  const maker = rowMaker(spec);
  let largest = -Infinity;
  for (let done = 0; done < rows; done += maker.capacity) {
    const count = Math.min(maker.capacity, rows - done);
    largest = Math.max(largest, maker.maximum(firstRow + done, count, maximum1));
  }
  return largest;
}

async function runShardTask(task: ShardTask): Promise<ShardTaskResult> {
  if (task.type === "hash") return hashFile(task.file);
  if (task.type === "maximum") return largestOf(task);
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
