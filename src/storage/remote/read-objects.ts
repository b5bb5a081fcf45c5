import { createHash, type Hash } from "node:crypto";
import { closeSync, fsync, openSync } from "node:fs";
import { promisify } from "node:util";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { download, type Sink } from "./download.js";
import { storeOf } from "./object-store.js";
import type { FetchTask, HashTask, ReadTask } from "./tasks.js";
import { writeFully } from "../../files/write-fully.js";

const sync = promisify(fsync);

/** Downloads that arrived whole and with other bytes are tried once more. */
const HASH_TRIES = 2;

/** Reads a small object; undefined where there is none. */
export async function readObject(
  { folder, name, most }: ReadTask,
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

/** Writes an object to a file, which exists already, and checks its hash. */
export async function fetchObject(task: FetchTask, signal: AbortSignal): Promise<void> {
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
      writeFully(descriptor, part, at);
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

/** Hashes an object as it arrives; undefined where there is none. */
export async function hashObject(
  { folder, name }: HashTask,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string } | undefined> {
  let hash = createHash("sha256");
  let length = 0;
  const sink: Sink = {
    start() {
      hash = createHash("sha256");
      length = 0;
    },
    bytes(bytes) {
      hash.update(bytes);
      length += bytes.byteLength;
    },
  };
  const found = await download(await storeOf(folder), name, `${folder}/${name}`, sink, signal);
  return found ? { bytes: length, sha256: hash.digest("hex") } : undefined;
}
