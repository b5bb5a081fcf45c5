import { MessageChannel } from "node:worker_threads";
import { createWorkerPool, type WorkerPool } from "../../common/worker-pool.js";
import { writeShardAtomic, type WrittenShard } from "../dataset/shard-file.js";
import { rowBytes } from "../format/shard-format.js";
import type { Floats } from "../format/types.js";
import type { RowBatch, ShardTask } from "./shard-task.js";
import type { PortTask } from "./stream-worker.js";

/** Memory of the batches that are on their way to the threads. */
const BATCH_MEMORY = 96 * 2 ** 20;
const FEWEST_BATCHES = 3;
const MOST_BATCHES = 6;

/** Threads that write shards. */
export interface ShardWriters {
  /** Starts a shard, which may wait for a thread. */
  start(task: ShardTask): ShardSink;
  /** Stops the threads at once. */
  close(): Promise<void>;
}

/** A shard that is being written. */
export interface ShardSink {
  /**
   * Hands over a batch, which is copied. Waits while many batches are on their way.
   *
   * @throws the error of a shard that could not be written
   */
  put(batch: RowBatch): Promise<void>;
  /** Ends the shard. */
  end(): void;
  /** The shard, which is then complete and on disk. */
  written: Promise<WrittenShard>;
}

/** Threads for record batches of at most some rows with D features. */
export function createShardWriters(threads: number, rows: number, features: number): ShardWriters {
  const pool = createWorkerPool(
    new URL("stream-worker.js", import.meta.url),
    threads,
  ) as WorkerPool<PortTask, WrittenShard>;
  const memory = createBatchMemory(rows * rowBytes(features));
  return {
    start({ file, ...task }) {
      const { port1, port2 } = new MessageChannel();
      const sent: SharedArrayBuffer[] = [];
      port1.on("message", () => memory.give(sent.shift()!));
      const written = writeShardAtomic(file, (temporary) =>
        pool.run({ ...task, file: temporary, port: port2 }, undefined, [port2]),
      );
      void written.catch(memory.fail).finally(() => port1.close());
      return {
        async put(batch) {
          const shared = await memory.take(batch);
          sent.push(shared);
          port1.postMessage(copyInto(shared, batch));
        },
        end: () => port1.postMessage(null),
        written,
      };
    },
    close: () => pool.close(),
  };
}

/** The buffers that go round between the threads. */
interface BatchMemory {
  /** A buffer for a batch; waits until one is given back. */
  take(batch: RowBatch): Promise<SharedArrayBuffer>;
  give(buffer: SharedArrayBuffer): void;
  /** Makes `take` throw from now on: a failed shard gives nothing back. */
  fail(error: unknown): void;
}

/** @param bytes of a full batch of float32 */
function createBatchMemory(bytes: number): BatchMemory {
  // Batches of float64 take twice as much.
  const most = Math.floor(BATCH_MEMORY / (2 * bytes));
  let left = Math.max(FEWEST_BATCHES, Math.min(MOST_BATCHES, most));
  const free: SharedArrayBuffer[] = [];
  let waiting:
    | { resolve(buffer: SharedArrayBuffer): void; reject(error: unknown): void }
    | undefined;
  let fault: { error: unknown } | undefined;
  const next = async (): Promise<SharedArrayBuffer> => {
    if (fault !== undefined) throw fault.error;
    const buffer = free.pop();
    if (buffer !== undefined) return buffer;
    if (left-- > 0) return new SharedArrayBuffer(0);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  };
  return {
    async take({ x }) {
      const needed = (bytes / 4) * x.BYTES_PER_ELEMENT;
      const buffer = await next();
      return buffer.byteLength < needed ? new SharedArrayBuffer(needed) : buffer;
    },
    give(buffer) {
      if (waiting === undefined) free.push(buffer);
      else waiting.resolve(buffer);
      waiting = undefined;
    },
    fail(error) {
      fault ??= { error };
      waiting?.reject(error);
      waiting = undefined;
    },
  };
}

/** A batch in a shared buffer: the targets behind the features. */
function copyInto(buffer: SharedArrayBuffer, { x, y, rows }: RowBatch): RowBatch {
  const Values: new (buffer: SharedArrayBuffer, offset: number, length: number) => Floats =
    x instanceof Float64Array ? Float64Array : Float32Array;
  const shared = {
    x: new Values(buffer, 0, x.length),
    y: new Values(buffer, x.byteLength, y.length),
    rows,
  };
  shared.x.set(x);
  shared.y.set(y);
  return shared;
}
