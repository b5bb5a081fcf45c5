import { availableParallelism } from "node:os";
import { createWorkerPool, type WorkerPool } from "../../common/worker-pool.js";
import type { ChunkTask } from "./tasks.js";

/** More threads do not read faster, and each takes some ten megabytes. */
const MOST_THREADS = 8;

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

/** The task with only the shards that it reads, so that little is copied to the thread. */
function withUsedShards(task: ChunkTask): ChunkTask {
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

/**
 * Runs a task in one of the threads. The result's type is the task's own.
 *
 * @param threads of the pool that runs it
 */
export async function runChunkTask<Result>(
  task: ChunkTask,
  signal?: AbortSignal,
  threads: number = poolThreads(),
): Promise<Result> {
  const buffer = "buffer" in task ? task.buffer : undefined;
  const result = await poolOf(threads).run(
    withUsedShards(task),
    signal,
    buffer === undefined ? undefined : [buffer],
  );
  return result as Result;
}
