import { createWorkerPool } from "../../common/worker-pool.js";
import type { ShardSource } from "../format/types.js";
import type { WrittenShard } from "../dataset/shard-file.js";
import type { ConvertTask } from "./convert-shard.js";
import type { FileFacts, FileScan } from "./inspect-file.js";

/** Work on one file. */
export type TableTask =
  | { type: "inspect"; file: string }
  | { type: "scan"; source: ShardSource }
  | { type: "hash"; file: string }
  | ConvertTask;

/** What each type of task returns. */
export interface TableResults {
  inspect: FileFacts;
  scan: FileScan;
  hash: string;
  convert: WrittenShard;
}

/** Threads that inspect, scan and convert tables. */
export interface TablePool {
  run<Task extends TableTask>(
    task: Task,
    signal: AbortSignal | undefined,
  ): Promise<TableResults[Task["type"]]>;
  close(): Promise<void>;
}

/** Starts a pool; close it after use. */
export function createTablePool(threads: number): TablePool {
  return createWorkerPool(new URL("table-worker.js", import.meta.url), threads) as TablePool;
}
