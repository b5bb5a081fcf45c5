import { createWorkerPool } from "../../common/worker-pool.js";
import type { ShardEntry } from "../format/manifest.js";
import type { HashTask, MaximumTask, ShardTask, WriteTask } from "./shard-worker.js";

/** Worker threads that generate, measure and hash shards. Each function throws an interruption once aborted. */
export interface ShardPool {
  threads: number;
  /** Generates a shard into a file. Resolves to its entry in the manifest. */
  write: (task: Omit<WriteTask, "type">, signal?: AbortSignal) => Promise<ShardEntry>;
  /** The largest value of one layer over some rows. */
  maximum: (task: Omit<MaximumTask, "type">, signal?: AbortSignal) => Promise<number>;
  /** The SHA-256 of a file, lower-case hex. */
  hash: (file: string, signal?: AbortSignal) => Promise<string>;
  /** Those of several files, by one thread: for small ones, which take less time than to ask a thread for each. */
  hashAll: (files: readonly string[], signal?: AbortSignal) => Promise<string[]>;
  close: () => Promise<void>;
}

/** Starts threads for shards; `close` ends them. */
export function createShardPool(threads: number): ShardPool {
  const pool = createWorkerPool<ShardTask, unknown>(
    new URL("shard-worker.js", import.meta.url),
    threads,
  );
  const hashAll: ShardPool["hashAll"] = (files, signal) =>
    pool.run({ type: "hash", files } satisfies HashTask, signal) as Promise<string[]>;
  return {
    threads,
    write: (task, signal) =>
      pool.run({ type: "write", ...task } satisfies WriteTask, signal) as Promise<ShardEntry>,
    maximum: (task, signal) =>
      pool.run({ type: "maximum", ...task } satisfies MaximumTask, signal) as Promise<number>,
    hash: async (file, signal) => (await hashAll([file], signal))[0]!,
    hashAll,
    close: () => pool.close(),
  };
}
