import { createWorkerPool, type WorkerPool } from "../../common/worker-pool.js";
import type { FetchTask, StoreTask } from "./object-worker.js";

/** Objects that come at once. */
const AT_ONCE = 6;

let pool: WorkerPool<StoreTask, unknown> | undefined;

/** One thread for all stores: it waits most of the time. */
function thread(): WorkerPool<StoreTask, unknown> {
  pool ??= createWorkerPool(new URL("object-worker.js", import.meta.url), 1, AT_ONCE);
  return pool;
}

/**
 * Reads a small object.
 *
 * @param most bytes; a larger one is refused
 * @returns undefined where there is no such object
 * @throws a failure that names the object
 */
export async function readObject(
  folder: string,
  name: string,
  most: number,
): Promise<Uint8Array | undefined> {
  const cancel = new SharedArrayBuffer(4);
  return thread().run({ type: "read", folder, name, most, cancel }) as Promise<
    Uint8Array | undefined
  >;
}

/**
 * Brings a shard into a file that exists already, checked against its hash and flushed to disk.
 *
 * @throws a failure that names the object
 */
export async function fetchObject(task: Omit<FetchTask, "type">): Promise<void> {
  await thread().run({ type: "fetch", ...task });
}
