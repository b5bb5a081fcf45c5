// Runs in a worker thread: inspects, scans and converts foreign tables.
import { workerTask } from "../../common/worker-task.js";
import { hashFile } from "../../files/hash.js";
import { convertShard } from "./convert-shard.js";
import { inspectFile, scanFile } from "./inspect-file.js";
import type { TableResults, TableTask } from "./table-pool.js";

async function runTableTask(task: TableTask): Promise<TableResults[keyof TableResults]> {
  switch (task.type) {
    case "inspect":
      return inspectFile(task.file);
    case "scan":
      return scanFile(task.source);
    case "hash":
      return hashFile(task.file);
    case "convert":
      return convertShard(task);
  }
}

const task: (given: TableTask) => Promise<TableResults[keyof TableResults]> =
  workerTask(runTableTask);
export default task;
