// Runs in a worker thread: writes shards from record batches that arrive one by one.
import { on } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { workerTask } from "../../common/worker-task.js";
import type { WrittenShard } from "../dataset/shard-file.js";
import { writeBatches, type RowBatch, type ShardTask } from "./shard-task.js";

/** A shard to write of the batches that a port brings; null is their end. Each is answered once it is copied. */
export interface PortTask extends ShardTask {
  port: MessagePort;
}

async function* batchesOf(port: MessagePort): AsyncGenerator<RowBatch, void, void> {
  for await (const [batch] of on(port, "message") as AsyncIterable<[RowBatch | null]>) {
    if (batch === null) return;
    yield batch;
    port.postMessage(null);
  }
}

async function writeShard({ port, ...task }: PortTask): Promise<WrittenShard> {
  try {
    return await writeBatches(task, batchesOf(port));
  } finally {
    port.close();
  }
}

const task: (given: PortTask) => Promise<WrittenShard> = workerTask(writeShard);
export default task;
