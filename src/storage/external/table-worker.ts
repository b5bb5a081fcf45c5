// Runs in a worker thread: looks at, counts and converts foreign tables.
import { workerTask } from "../../common/worker-task.js";
import { convertShard, type ConvertedShard, type ConvertTask } from "./convert-shard.js";
import { lookAtFile, scanFile, type FileFacts, type FileScan } from "./inspect-file.js";
import type { ShardSource } from "../format/types.js";
import { hashFile } from "../../files/hash.js";

/** One piece of work on one file. */
export type TableTask =
  | { type: "look"; file: string }
  | { type: "scan"; source: ShardSource }
  | { type: "hash"; file: string }
  | ConvertTask;

export type TableTaskResult = FileFacts | FileScan | ConvertedShard | string;

async function runTableTask(task: TableTask): Promise<TableTaskResult> {
  switch (task.type) {
    case "look":
      return lookAtFile(task.file);
    case "scan":
      return scanFile(task.source);
    case "hash":
      return hashFile(task.file);
    case "convert":
      return convertShard(task);
  }
}

const task: (given: TableTask) => Promise<TableTaskResult> = workerTask(runTableTask);
export default task;
