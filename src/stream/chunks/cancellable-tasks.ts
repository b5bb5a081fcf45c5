import { runChunkTask } from "./pool.js";
import type { CollectTask, ReadTask, ScatterTask } from "./tasks.js";

/** The tasks that one loader has in the worker threads, which it shares with other loaders. */
export interface CancellableTasks {
  /** Runs a task. The result's type is the task's own. */
  run<Result>(task: ReadTask | ScatterTask | CollectTask): Promise<Result>;
  /** Ends all tasks at their next block of rows, and waits until the threads are free of them. */
  cancel(): Promise<void>;
}

/** @param threads of the pool that runs the tasks */
export function createCancellableTasks(threads: number): CancellableTasks {
  const cancel = new SharedArrayBuffer(4);
  const running = new Set<Promise<unknown>>();
  return {
    run<Result>(task: ReadTask | ScatterTask | CollectTask) {
      const result = runChunkTask<Result>({ ...task, cancel }, undefined, threads);
      running.add(result);
      // Its error is the caller's to handle.
      void Promise.allSettled([result]).then(() => running.delete(result));
      return result;
    },
    async cancel() {
      Atomics.store(new Int32Array(cancel), 0, 1);
      await Promise.allSettled(running);
    },
  };
}
