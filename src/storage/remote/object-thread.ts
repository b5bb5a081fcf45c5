import { createWorkerPool, type WorkerPool } from "../../common/worker-pool.js";
import type {
  CopyTask,
  DescribeTask,
  EndUploadTask,
  FetchTask,
  HashTask,
  ListTask,
  PutTask,
  ReadTask,
  RemoveTask,
  StoreTask,
  UploadsTask,
} from "./tasks.js";
import type { ObjectDescription, UnfinishedUpload } from "./types.js";

/** Objects that come or go at once. */
const AT_ONCE = 6;

let pool: WorkerPool<StoreTask, unknown> | undefined;

/** One thread for all stores: it waits most of the time. */
function thread(): WorkerPool<StoreTask, unknown> {
  pool ??= createWorkerPool(new URL("object-worker.js", import.meta.url), 1, AT_ONCE);
  return pool;
}

/**
 * Runs a task, which ends its requests once the signal is aborted. The thread stays: it has others to do.
 */
async function run(
  task: DistributiveOmit<StoreTask, "cancel">,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const cancel = new SharedArrayBuffer(4);
  const abort = (): void => {
    Atomics.store(new Int32Array(cancel), 0, 1);
  };
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await thread().run({ ...task, cancel });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown
  ? Omit<Union, Key>
  : never;

/** A task without what this file adds. */
type Given<Task> = Omit<Task, "type" | "cancel">;

/*
 * Each function throws a failure that names the object, or an interruption once aborted.
 */

/** Reads a small object; undefined where there is none. */
export function readObject(
  folder: string,
  name: string,
  most: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const task: Given<ReadTask> = { folder, name, most };
  return run({ type: "read", ...task }, signal) as Promise<Uint8Array | undefined>;
}

/** Brings a shard into a file that exists already, checked against its hash and flushed to disk. */
export async function fetchObject(task: Omit<FetchTask, "type">): Promise<void> {
  await thread().run({ type: "fetch", ...task });
}

/** Hashes an object as it arrives; undefined where there is none. */
export function hashObject(
  task: Given<HashTask>,
  signal?: AbortSignal,
): Promise<{ bytes: number; sha256: string } | undefined> {
  return run({ type: "hash", ...task }, signal) as Promise<
    { bytes: number; sha256: string } | undefined
  >;
}

/** The names of a folder's objects; undefined where the store has no lists. */
export function listObjects(
  task: Given<ListTask>,
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  return run({ type: "list", ...task }, signal) as Promise<string[] | undefined>;
}

/** An object's size and metadata; undefined where there is none. */
export function describeObject(
  task: Given<DescribeTask>,
  signal?: AbortSignal,
): Promise<ObjectDescription | undefined> {
  return run({ type: "describe", ...task }, signal) as Promise<ObjectDescription | undefined>;
}

/** Writes an object. Gives false where one of its name is there and is not to be replaced. */
export function putObject(task: Given<PutTask>, signal?: AbortSignal): Promise<boolean> {
  return run({ type: "put", ...task }, signal) as Promise<boolean>;
}

/** Copies an object within a store. */
export async function copyObject(task: Given<CopyTask>, signal?: AbortSignal): Promise<void> {
  await run({ type: "copy", ...task }, signal);
}

/** Removes an object, if there is one. */
export async function removeObject(task: Given<RemoveTask>, signal?: AbortSignal): Promise<void> {
  await run({ type: "remove", ...task }, signal);
}

/** Unfinished uploads in parts; undefined where the store does not list them. */
export function listUploads(
  task: Given<UploadsTask>,
  signal?: AbortSignal,
): Promise<UnfinishedUpload[] | undefined> {
  return run({ type: "uploads", ...task }, signal) as Promise<UnfinishedUpload[] | undefined>;
}

/** Ends an upload in parts, if it is there. */
export async function endUpload(task: Given<EndUploadTask>, signal?: AbortSignal): Promise<void> {
  await run({ type: "endUpload", ...task }, signal);
}
