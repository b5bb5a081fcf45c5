// Runs in a worker thread: reads, deals, permutes and measures rows.
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { move } from "piscina";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { workerTask } from "../common/worker-task.js";
import { fillRandomWords } from "../generate/index.js";
import {
  countSelected,
  openShard,
  rowBytes,
  type RowTarget,
  type ShardReader,
} from "../storage/index.js";
import type { ChunkTask, Permute, Scratch } from "./chunk-task.js";
import { momentsOf, type Moments } from "./moments.js";
import { fillPermutation } from "./permutation.js";

type TaskOf<Type extends ChunkTask["type"]> = Extract<ChunkTask, { type: Type }>;

/** Rows before they are permuted; kept from one chunk to the next, and grown to the largest. */
let keptRows: ArrayBuffer = new ArrayBuffer(0);
let keptPermutation = new Uint32Array(0);
/** Rows sorted by bucket, on their way to the scratch. */
let keptSorted = new Float32Array(0);

function scratchRows(rows: number, features: number): RowTarget {
  const bytes = rows * rowBytes(features);
  if (keptRows.byteLength < bytes) keptRows = new ArrayBuffer(bytes);
  return rowTarget(keptRows, rows, features);
}

/** Features and targets, one behind the other in one buffer. */
function rowTarget(buffer: ArrayBuffer, rows: number, features: number): RowTarget {
  return {
    x: new Float32Array(buffer, 0, rows * features),
    y: new Float32Array(buffer, rows * features * 4, rows),
  };
}

function outputBuffer(task: { buffer?: ArrayBuffer }, bytes: number): ArrayBuffer {
  return task.buffer !== undefined && task.buffer.byteLength >= bytes
    ? task.buffer
    : new ArrayBuffer(bytes);
}

function permutationOf(rows: number, permute: Permute): Uint32Array {
  if (keptPermutation.length < rows) keptPermutation = new Uint32Array(rows);
  fillPermutation(keptPermutation, rows, permute.seed, permute.stream, permute.row);
  return keptPermutation;
}

/** Reads pieces one after the other. Every shard is opened once and closed at the end. */
async function readPieces(
  task: Pick<TaskOf<"read">, "shards" | "pieces">,
  target: RowTarget,
): Promise<void> {
  const readers = new Map<number, ShardReader>();
  try {
    let at = 0;
    for (const { shard, first, rows } of task.pieces) {
      let reader = readers.get(shard);
      if (reader === undefined) {
        const source = task.shards[shard];
        if (source === undefined) throw new Error(`There is no shard ${shard}.`);
        reader = await openShard(source);
        readers.set(shard, reader);
      }
      await reader.read(first, rows, target, at);
      at += rows;
    }
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}

async function runRead(task: TaskOf<"read">): Promise<ArrayBuffer> {
  const { rows, features, permute } = task;
  const buffer = outputBuffer(task, rows * rowBytes(features));
  const target = rowTarget(buffer, rows, features);
  if (permute === undefined) {
    await readPieces(task, target);
    return buffer;
  }
  const source = scratchRows(rows, features);
  await readPieces(task, source);
  const permutation = permutationOf(rows, permute);
  // Rows are read in order and written to where they go: writes wait for nothing, random reads would.
  for (let row = 0, from = 0; row < rows; row++) {
    const place = permutation[row] ?? 0;
    target.y[place] = source.y[row] ?? 0;
    let to = place * features;
    for (const end = to + features; to < end; from++, to++) target.x[to] = source.x[from] ?? 0;
  }
  return buffer;
}

/** Moves whole rows between memory and the scratch. */
function transfer(
  scratch: Scratch,
  runs: readonly { firstRow: number; rows: number }[],
  values: Float32Array,
  stride: number,
  direction: "write" | "read",
): void {
  if ("shared" in scratch) {
    let at = 0;
    for (const { firstRow, rows } of runs) {
      const shared = new Float32Array(scratch.shared, firstRow * stride * 4, rows * stride);
      if (direction === "write") shared.set(values.subarray(at, at + rows * stride));
      else values.set(shared, at);
      at += rows * stride;
    }
    return;
  }
  try {
    transferFile(scratch.file, runs, values, stride, direction);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(
      `Could not ${direction} the scratch file ${scratch.file}: ${messageOf(error)}; name another folder with --scratch.`,
      error,
    );
  }
}

function transferFile(
  file: string,
  runs: readonly { firstRow: number; rows: number }[],
  values: Float32Array,
  stride: number,
  direction: "write" | "read",
): void {
  const descriptor = openSync(file, direction === "write" ? "r+" : "r");
  try {
    let at = values.byteOffset;
    for (const { firstRow, rows } of runs) {
      const bytes = new Uint8Array(values.buffer, at, rows * stride * 4);
      for (let done = 0; done < bytes.byteLength;) {
        const position = firstRow * stride * 4 + done;
        const length = bytes.byteLength - done;
        const moved =
          direction === "write"
            ? writeSync(descriptor, bytes, done, length, position)
            : readSync(descriptor, bytes, done, length, position);
        if (moved === 0) throw failure(`The scratch file ${file} is cut short.`);
        done += moved;
      }
      at += bytes.byteLength;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Sorts a run of rows by bucket (a counting sort, which keeps their order) into the scratch. */
async function runDeal(task: TaskOf<"deal">): Promise<Uint32Array> {
  const { rows, features, bits } = task;
  const source = scratchRows(rows, features);
  await readPieces(task, source);
  const buckets = new Uint32Array(rows);
  fillRandomWords(buckets, task.seed, task.stream, task.epoch, task.firstRow);
  const counts = new Uint32Array(2 ** bits);
  for (let row = 0; row < rows; row++) {
    // The top bits of a word; a shift by 32 would be no shift at all.
    const bucket = bits === 0 ? 0 : (buckets[row] ?? 0) >>> (32 - bits);
    buckets[row] = bucket;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const next = new Uint32Array(counts.length);
  for (let bucket = 1; bucket < counts.length; bucket++) {
    next[bucket] = (next[bucket - 1] ?? 0) + (counts[bucket - 1] ?? 0);
  }
  const stride = features + 1;
  if (keptSorted.length < rows * stride) keptSorted = new Float32Array(rows * stride);
  const sorted = keptSorted;
  for (let row = 0, from = 0; row < rows; row++) {
    const bucket = buckets[row] ?? 0;
    const place = next[bucket] ?? 0;
    next[bucket] = place + 1;
    let to = place * stride;
    for (const end = to + features; to < end; from++, to++) sorted[to] = source.x[from] ?? 0;
    sorted[to] = source.y[row] ?? 0;
  }
  transfer(task.scratch, [{ firstRow: task.firstRow, rows }], sorted, stride, "write");
  return counts;
}

function runCollect(task: TaskOf<"collect">): ArrayBuffer {
  const { rows, features } = task;
  const stride = features + 1;
  const bytes = rows * rowBytes(features);
  if (keptRows.byteLength < bytes) keptRows = new ArrayBuffer(bytes);
  const source = new Float32Array(keptRows, 0, rows * stride);
  transfer(task.scratch, task.runs, source, stride, "read");
  const buffer = outputBuffer(task, bytes);
  const target = rowTarget(buffer, rows, features);
  const permutation = permutationOf(rows, task.permute);
  for (let row = 0, from = 0; row < rows; row++, from++) {
    const place = permutation[row] ?? 0;
    let to = place * features;
    for (const end = to + features; to < end; from++, to++) target.x[to] = source[from] ?? 0;
    target.y[place] = source[from] ?? 0;
  }
  return buffer;
}

async function runStatistics(task: TaskOf<"statistics">): Promise<Moments> {
  const { rows, features, covariance } = task;
  const { x, y } = scratchRows(rows, features);
  await readPieces(task, { x, y });
  return momentsOf(x, y, rows, features, covariance);
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
