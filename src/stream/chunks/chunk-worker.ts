// Runs in a worker thread: reads, deals, permutes and measures rows.
import { move } from "piscina";
import { workerTask } from "../../common/worker-task.js";
import { countSelected, rowBytes, type RowTarget } from "../../storage/reading/index.js";
import type { ChunkTask } from "./chunk-task.js";
import { createChunkPermuter, createRunDealer } from "./row-dealer.js";
import { momentsOf, type TableMoments } from "./moments.js";
import { blockBytes, readBlocks, readPieces, throwIfCancelled } from "./read-ranges.js";
import { readRuns, writeRows } from "./scratch-rows.js";

type TaskOf<Type extends ChunkTask["type"]> = Extract<ChunkTask, { type: Type }>;

/** Blocks of rows from a scratch: they stay in a core's cache. */
const SCRATCH_BLOCK_BYTES = 256 * 1024;

/** Features, then targets, in one buffer. */
function rowTarget(
  buffer: ArrayBuffer,
  rows: number,
  features: number,
  float64 = false,
): RowTarget {
  const Numbers = float64 ? Float64Array : Float32Array;
  return {
    x: new Numbers(buffer, 0, rows * features),
    y: new Numbers(buffer, rows * features * Numbers.BYTES_PER_ELEMENT, rows),
  };
}

function outputBuffer(task: { buffer?: ArrayBuffer }, bytes: number): ArrayBuffer {
  return task.buffer !== undefined && task.buffer.byteLength >= bytes
    ? task.buffer
    : new ArrayBuffer(bytes);
}

async function runRead(task: TaskOf<"read">): Promise<ArrayBuffer> {
  const { rows, features, permute, shards, float64 = false } = task;
  throwIfCancelled(task.cancel);
  const buffer = outputBuffer(task, rows * rowBytes(features) * (float64 ? 2 : 1));
  const target = rowTarget(buffer, rows, features, float64);
  if (permute === undefined) {
    await readPieces(task, target);
    return buffer;
  }
  const permuter = createChunkPermuter(rows, features, permute, blockBytes(shards));
  await readBlocks(task, permuter.block, permuter.dealSplit);
  permuter.finish(target);
  return buffer;
}

/** Sorts a run of rows by bucket (a counting sort, which keeps their order) into the scratch. */
async function runDeal(task: TaskOf<"deal">): Promise<Uint32Array> {
  const { rows, features, bits, random, shards, scratch, firstRow } = task;
  throwIfCancelled(task.cancel);
  const dealer = createRunDealer(rows, features, bits, random, blockBytes(shards));
  await readBlocks(task, dealer.block, dealer.dealSplit);
  writeRows(scratch, firstRow, dealer.sorted, features + 1);
  return dealer.counts;
}

function runCollect(task: TaskOf<"collect">): ArrayBuffer {
  const { rows, features, permute, scratch, runs } = task;
  throwIfCancelled(task.cancel);
  const permuter = createChunkPermuter(rows, features, permute, SCRATCH_BLOCK_BYTES);
  readRuns(scratch, runs, features + 1, permuter.block, permuter.dealPacked);
  throwIfCancelled(task.cancel);
  const buffer = outputBuffer(task, rows * rowBytes(features));
  permuter.finish(rowTarget(buffer, rows, features));
  return buffer;
}

async function runStatistics(task: TaskOf<"statistics">): Promise<TableMoments> {
  const { rows, features, covariance, float64 } = task;
  const buffer = new ArrayBuffer(rows * rowBytes(features) * (float64 ? 2 : 1));
  const target = rowTarget(buffer, rows, features, float64);
  await readPieces(task, target);
  return momentsOf(target.x, target.y, rows, features, covariance);
}

async function runChunkTask(task: ChunkTask): Promise<unknown> {
  switch (task.type) {
    case "read":
      return move(await runRead(task));
    case "collect":
      return move(runCollect(task));
    case "deal":
      return runDeal(task);
    case "count":
      return countSelected(task.selection);
    case "statistics":
      return runStatistics(task);
  }
}

const task: (given: ChunkTask) => Promise<unknown> = workerTask(runChunkTask);
export default task;
