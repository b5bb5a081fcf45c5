import { availableParallelism } from "node:os";
import { throwIfAborted } from "../../common/errors.js";
import { createWorkerPool, type WorkerPool } from "../../common/worker-pool.js";
import { rowBytes, type ShardSource } from "../../storage/reading/index.js";
import { isPlain } from "./read-ranges.js";
import { readRows } from "./read-rows.js";
import { SHARDS_AHEAD, type ChunkTask, type RangesToRead, type ReadTask } from "./tasks.js";

/** More threads do not read faster, and each takes some ten megabytes. */
const MOST_THREADS = 8;

/** Bytes of rows that take less time to read than a message to a thread takes. */
const SMALL_BYTES = 64 * 1024;

/** The pools in use, by their number of threads. All but one of a pool's idle threads end. */
const pools = new Map<number, WorkerPool<ChunkTask, unknown>>();

function poolOf(threads: number): WorkerPool<ChunkTask, unknown> {
  let pool = pools.get(threads);
  if (pool === undefined) {
    pool = createWorkerPool(new URL("chunk-worker.js", import.meta.url), threads);
    pools.set(threads, pool);
  }
  return pool;
}

/** The number of threads by default; all loaders share them. */
export function poolThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}

/** Starts the threads that read, so that they are there when the first rows are wanted. */
export function startReading(): void {
  const pool = poolOf(poolThreads());
  for (let thread = 0; thread < pool.threads; thread++) {
    // An error is thrown again by the first task that does something.
    pool.run({ type: "start" }).catch(() => {});
  }
}

/** The task with only the shards that it reads, so that little is copied to the thread. */
function withUsedShards<Task extends ChunkTask>(task: Task): Task {
  if (!("shards" in task)) return task;
  const places = new Map<number, number>();
  for (const { shard } of task.ranges) {
    if (!places.has(shard)) places.set(shard, places.size);
  }
  return {
    ...task,
    shards: [...places.keys()].flatMap((shard) => task.shards[shard] ?? []),
    ranges: task.ranges.map((range) => ({ ...range, shard: places.get(range.shard) ?? 0 })),
  };
}

/** Whether this thread reads the rows sooner than another one starts: a few rows, as they lie in their files. */
function isSmall(task: ChunkTask): task is ReadTask {
  return (
    task.type === "read" &&
    task.permute === undefined &&
    task.rows * rowBytes(task.features) <= SMALL_BYTES &&
    isPlain(task.shards)
  );
}

/**
 * Runs a task in one of the threads, or in this one where it takes less than a message. The result's type is the task's own.
 *
 * @param threads of the pool that runs it
 */
export async function runChunkTask<Result>(
  task: ChunkTask,
  signal?: AbortSignal,
  threads: number = poolThreads(),
): Promise<Result> {
  if (!("shards" in task) || task.shards[0]?.remote === undefined) {
    return runOnDisk(task, signal, threads);
  }
  const { withCachedShards } = await import("../../storage/remote/index.js");
  const next = nextShards(task);
  const used = withUsedShards(task);
  const flag = task.cancel && new Int32Array(task.cancel);
  const isCancelled = (): boolean =>
    signal?.aborted === true || (flag !== undefined && Atomics.load(flag, 0) !== 0);
  return withCachedShards(used.shards, next, isCancelled, (shards) =>
    runOnDisk({ ...used, shards }, signal, threads),
  );
}

/** The shards that are read next: those that the plan names, or else those that follow in the file order. */
function nextShards({ shards, ranges, ahead }: RangesToRead): ShardSource[] {
  const last = ranges.reduce((most, { shard }) => Math.max(most, shard), -1);
  const places = ahead ?? Array.from({ length: SHARDS_AHEAD }, (_, index) => last + 1 + index);
  return places.flatMap((place) => shards[place] ?? []);
}

/** Runs a task whose shards are on disk. */
async function runOnDisk<Result>(
  task: ChunkTask,
  signal: AbortSignal | undefined,
  threads: number,
): Promise<Result> {
  if (isSmall(task)) {
    throwIfAborted(signal);
    // Also the type of a read's result is the caller's to know.
    return (await readRows(task)) as Result;
  }
  const buffer = "buffer" in task ? task.buffer : undefined;
  const result = await poolOf(threads).run(
    withUsedShards(task),
    signal,
    buffer === undefined ? undefined : [buffer],
  );
  return result as Result;
}
