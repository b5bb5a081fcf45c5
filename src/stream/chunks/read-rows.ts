import { rowBytes, type RowTarget } from "../../storage/reading/index.js";
import { createPermuter } from "./bucket-shuffle.js";
import { readRanges, readStaged, stagingBytes, throwIfCancelled } from "./read-ranges.js";
import type { ReadTask } from "./tasks.js";

/** Features, then targets, in one buffer. */
export function rowTarget(
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

/** The task's own buffer if it is large enough, else a new one. */
export function outputBuffer(task: { buffer?: ArrayBuffer }, bytes: number): ArrayBuffer {
  return task.buffer !== undefined && task.buffer.byteLength >= bytes
    ? task.buffer
    : // Not cleared first: every byte becomes a row's.
      Buffer.allocUnsafeSlow(bytes).buffer;
}

/** Does a task in this thread. */
export async function readRows(task: ReadTask): Promise<ArrayBuffer> {
  const { rows, features, permute, shards, float64 = false } = task;
  throwIfCancelled(task.cancel);
  const buffer = outputBuffer(task, rows * rowBytes(features) * (float64 ? 2 : 1));
  const target = rowTarget(buffer, rows, features, float64);
  if (permute === undefined) {
    await readRanges(task, target);
    return buffer;
  }
  const permuter = createPermuter(rows, features, permute, stagingBytes(shards));
  await readStaged(task, permuter.staging, permuter.scatterSplit);
  permuter.finish(target);
  return buffer;
}
