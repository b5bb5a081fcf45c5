// Runs in a worker thread: the tasks of tasks.ts.
import { move } from "piscina";
import { workerTask } from "../../common/worker-task.js";
import { countSelected, rowBytes } from "../../storage/reading/index.js";
import { createPermuter, createScatterer } from "./bucket-shuffle.js";
import { momentsOf, type TableMoments } from "./moments.js";
import { readRanges, readStaged, stagingBytes, throwIfCancelled } from "./read-ranges.js";
import { outputBuffer, readRows, rowTarget } from "./read-rows.js";
import { readScratch, writeRows } from "./scratch-rows.js";
import type { ChunkTask, CollectTask, ScatterTask, StatisticsTask } from "./tasks.js";

/** Bytes of rows that are read from a scratch at once: they stay in a core's cache. */
const SCRATCH_STAGING_BYTES = 256 * 1024;

async function runScatter(task: ScatterTask): Promise<Uint32Array> {
  const { rows, features, bits, random, shards, scratch, firstRow } = task;
  throwIfCancelled(task.cancel);
  const scatterer = createScatterer(rows, features, bits, random, stagingBytes(shards));
  await readStaged(task, scatterer.staging, scatterer.scatterSplit);
  writeRows(scratch, firstRow, scatterer.sorted, features + 1);
  return scatterer.counts;
}

function runCollect(task: CollectTask): ArrayBuffer {
  const { rows, features, permute, scratch, ranges } = task;
  throwIfCancelled(task.cancel);
  const permuter = createPermuter(rows, features, permute, SCRATCH_STAGING_BYTES);
  readScratch(scratch, ranges, features + 1, permuter.staging, permuter.scatterPacked);
  throwIfCancelled(task.cancel);
  const buffer = outputBuffer(task, rows * rowBytes(features));
  permuter.finish(rowTarget(buffer, rows, features));
  return buffer;
}

async function runStatistics(task: StatisticsTask): Promise<TableMoments> {
  const { rows, features, covariance, float64 } = task;
  const buffer = new ArrayBuffer(rows * rowBytes(features) * (float64 ? 2 : 1));
  const target = rowTarget(buffer, rows, features, float64);
  await readRanges(task, target);
  return momentsOf(target.x, target.y, rows, features, covariance);
}

async function runTask(task: ChunkTask): Promise<unknown> {
  switch (task.type) {
    case "start":
      return undefined;
    case "read":
      return move(await readRows(task));
    case "scatter":
      return runScatter(task);
    case "collect":
      return move(runCollect(task));
    case "count":
      return countSelected(task.selection);
    case "statistics":
      return runStatistics(task);
  }
}

const task: (given: ChunkTask) => Promise<unknown> = workerTask(runTask);
export default task;
