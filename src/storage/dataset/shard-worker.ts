// Runs in a worker thread: generates, measures and hashes shards. ShardPool calls it.
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

/** Generates one shard. */
export interface WriteTask {
  type: "write";
  file: string;
  format: ShardFormat;
  compression: Compression;
  description: ShardDescription;
}

/** Finds the largest first-layer value of some rows, or their largest second-layer value, given the first maximum. */
export interface MaximumTask {
  type: "maximum";
  spec: RowSpec;
  firstRow: number;
  rows: number;
  /** Undefined: the first layer's values. */
  maximum1: number | undefined;
}

/** Hashes files. */
export interface HashTask {
  type: "hash";
  files: readonly string[];
}

export type ShardTask = WriteTask | MaximumTask | HashTask;

/** The latest generator of rows, whose kernel memory the next shard of the same spec uses again. */
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

async function writeShard(task: WriteTask): Promise<ShardEntry> {
  const { file, format, compression, description } = task;
  await prepareCompression(compression);
  if (description.spec.kind === "table") throw new Error("A converted table cannot be generated.");
  const maker = rowMaker(description.spec, description.maxima);
  return writeShardFile(file, format, compression, description, async (append) => {
    for (let done = 0; done < description.rows; done += maker.capacity) {
      const rows = Math.min(maker.capacity, description.rows - done);
      const { x, y } = maker.make(description.firstRow + done, rows);
      // The next rows are made in the same memory.
      await append(x, y, rows);
    }
  });
}

async function runShardTask(task: ShardTask): Promise<ShardEntry | number | string[]> {
  switch (task.type) {
    case "write":
      return writeShard(task);
    case "maximum":
      return largestOf(task);
    case "hash":
      return task.files.map(hashFile);
  }
}

const task: (given: ShardTask) => Promise<ShardEntry | number | string[]> =
  workerTask(runShardTask);
export default task;
