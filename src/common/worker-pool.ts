import { availableParallelism } from "node:os";
import type { TransferListItem } from "node:worker_threads";
import type { Piscina } from "piscina";
import { interruption, throwIfAborted } from "./errors.js";
import { restoreError } from "./worker-task.js";

/** Worker threads that run one kind of task. Idle threads do not keep the process alive. */
export interface WorkerPool<Task, Result> {
  readonly threads: number;
  /** `transfer` lists the task's buffers and ports that are handed over rather than copied. */
  run(task: Task, signal?: AbortSignal, transfer?: TransferListItem[]): Promise<Result>;
  /** Stops the threads at once. */
  close(): Promise<void>;
}

/**
 * A pool of worker threads over a module whose default export is the task's function, wrapped by
 * `workerTask`.
 *
 * @param module URL of the compiled module
 * @param threads default: as many as there are cores
 * @param tasksAThread how many tasks a thread has at once, for tasks that wait; default 1
 */
export function createWorkerPool<Task, Result>(
  module: URL,
  threads: number = availableParallelism(),
  tasksAThread = 1,
): WorkerPool<Task, Result> {
  let pool: Promise<Piscina<Task, Result>> | undefined;
  return {
    threads,
    async run(task, signal, transfer) {
      throwIfAborted(signal);
      try {
        pool ??= startThreads<Task, Result>(module, threads, tasksAThread).catch(
          (error: unknown) => {
            // Another task may find what this one lacked, such as files that may be opened.
            pool = undefined;
            throw error;
          },
        );
        return await (
          await pool
        ).run(task, {
          ...(signal === undefined ? {} : { signal }),
          ...(transfer === undefined ? {} : { transferList: transfer }),
        });
      } catch (error) {
        if (signal?.aborted) throw interruption();
        throw restoreError(error);
      }
    },
    async close() {
      await (await pool)?.destroy();
    },
  };
}

/** Loads the library of pools, and starts the first thread. */
async function startThreads<Task, Result>(
  module: URL,
  threads: number,
  tasksAThread: number,
): Promise<Piscina<Task, Result>> {
  const { Piscina } = await import("piscina");
  const pool = new Piscina<Task, Result>({
    filename: module.href,
    minThreads: 1,
    maxThreads: threads,
    concurrentTasksPerWorker: tasksAThread,
    idleTimeout: 10_000,
    // Errors and buffers arrive through the message port; blocking waits would delay aborts.
    atomics: "disabled",
    // Piscina asks `require` for the module first. A thread that is stopped while Node links a
    // required ES module takes the whole process with it (`v8::Module::IsGraphAsync`); without
    // that, the module is imported. Deno refuses the flag.
    execArgv: process.versions["deno"] === undefined ? ["--no-experimental-require-module"] : [],
  });
  pool.on("error", (error: Error) => {
    // The result of a task that was aborted while its result was on the way: nobody wants it.
    if (!error.message.startsWith("Unexpected message from Worker")) throw error;
  });
  return pool;
}

/**
 * Runs a function over items, at most `limit` at a time, in the order of the items. The first error
 * stops the rest from starting, and is thrown once those under way have ended.
 */
export async function forEachLimited<Item>(
  items: Iterable<Item>,
  limit: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  let failureCause: unknown;
  const lane = async (): Promise<void> => {
    while (!failed) {
      const next = iterator.next();
      if (next.done === true) return;
      try {
        await run(next.value);
      } catch (error) {
        if (!failed) failureCause = error;
        failed = true;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, lane));
  if (failed) throw failureCause;
}
