// Runs in a worker thread: speaks with object stores, so that hashing and the stores' libraries are out of the way.
import { createHash, type Hash } from "node:crypto";
import { closeSync, fsync, openSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { workerTask } from "../../common/worker-task.js";
import { download, type Sink } from "./download.js";
import { storeOf } from "./object-store.js";

/** An object, and a flag that is not 0 once nobody wants it. */
interface ObjectTask {
  folder: string;
  name: string;
  cancel: SharedArrayBuffer;
}

/** Reads an object. Gives its bytes, or undefined where there is none. */
export interface ReadObjectTask extends ObjectTask {
  type: "read";
  /** Larger ones are refused. */
  most: number;
}

/** Writes an object of known size and hash to a file, which exists already. */
export interface FetchTask extends ObjectTask {
  type: "fetch";
  file: string;
  bytes: number;
  sha256: string;
}

export type StoreTask = ReadObjectTask | FetchTask;

const sync = promisify(fsync);

/** How often the flag is looked at, in milliseconds. */
const CANCEL_INTERVAL = 100;

/** Downloads that arrived whole and with other bytes are tried once more. */
const HASH_TRIES = 2;

async function readObject(
  { folder, name, most }: ReadObjectTask,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const shown = `${folder}/${name}`;
  let parts: Uint8Array[] = [];
  let length = 0;
  const sink: Sink = {
    start() {
      parts = [];
      length = 0;
    },
    bytes(bytes) {
      length += bytes.byteLength;
      if (length > most) throw failure(`${shown} has more than ${most} bytes.`);
      parts.push(bytes);
    },
  };
  const found = await download(await storeOf(folder), name, shown, sink, signal);
  return found ? Buffer.concat(parts) : undefined;
}

async function fetchObject(task: FetchTask, signal: AbortSignal): Promise<void> {
  const { folder, name, file, sha256 } = task;
  const shown = `${folder}/${name}`;
  const store = await storeOf(folder);
  const descriptor = openSync(file, "r+");
  try {
    for (let attempt = 1; ; attempt++) {
      const sink = fileSink(descriptor, task);
      if (!(await download(store, name, shown, sink, signal))) {
        throw failure(`${shown} is missing; check the dataset with 'vadi verify'.`);
      }
      if (sink.hash.digest("hex") === sha256) break;
      if (attempt < HASH_TRIES) continue;
      throw failure(
        `${shown} is damaged: its SHA-256 differs from the manifest's; check the dataset with 'vadi verify'.`,
      );
    }
    await sync(descriptor);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw notWritten(file, error);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes to a file, and hashes what it writes. */
function fileSink(descriptor: number, { folder, name, bytes }: FetchTask): Sink & { hash: Hash } {
  let at = 0;
  const sink = {
    hash: createHash("sha256"),
    expected: bytes,
    start() {
      at = 0;
      sink.hash = createHash("sha256");
    },
    bytes(part: Uint8Array) {
      if (at + part.byteLength > bytes) {
        throw failure(
          `${folder}/${name} is damaged: it has more than the ${bytes} bytes that the manifest says.`,
        );
      }
      sink.hash.update(part);
      for (let done = 0; done < part.byteLength;) {
        done += writeSync(descriptor, part, done, part.byteLength - done, at + done);
      }
      at += part.byteLength;
    },
  };
  return sink;
}

function notWritten(file: string, error: unknown): VadiError {
  const what = systemCode(error) === "ENOSPC" ? "the disk is full" : messageOf(error);
  return failure(
    (option) =>
      `The cache could not hold ${file}: ${what}; name another folder with ${option("cache")}, or choose a smaller ${option("cacheSize")}.`,
    error,
  );
}

async function runTask(given: StoreTask): Promise<Uint8Array | undefined | void> {
  const controller = new AbortController();
  const flag = new Int32Array(given.cancel);
  const timer = setInterval(() => {
    if (Atomics.load(flag, 0) !== 0) controller.abort();
  }, CANCEL_INTERVAL);
  try {
    return await (given.type === "read"
      ? readObject(given, controller.signal)
      : fetchObject(given, controller.signal));
  } finally {
    clearInterval(timer);
  }
}

const task: (given: StoreTask) => Promise<unknown> = workerTask(runTask);
export default task;
