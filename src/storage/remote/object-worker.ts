// Runs in a worker thread: speaks with object stores, so that hashing and the stores' libraries are out of the way.
import { workerTask } from "../../common/worker-task.js";
import { fetchObject, hashObject, readObject } from "./read-objects.js";
import type { StoreTask } from "./tasks.js";
import {
  copyObject,
  describeObject,
  endUpload,
  listObjects,
  listUploads,
  putObject,
  removeObject,
} from "./write-objects.js";

/** How often the flag is looked at, in milliseconds. */
const CANCEL_INTERVAL = 100;

function run(given: StoreTask, signal: AbortSignal): Promise<unknown> {
  switch (given.type) {
    case "read":
      return readObject(given, signal);
    case "fetch":
      return fetchObject(given, signal);
    case "hash":
      return hashObject(given, signal);
    case "list":
      return listObjects(given, signal);
    case "describe":
      return describeObject(given, signal);
    case "put":
      return putObject(given, signal);
    case "copy":
      return copyObject(given, signal);
    case "remove":
      return removeObject(given, signal);
    case "uploads":
      return listUploads(given, signal);
    case "endUpload":
      return endUpload(given);
  }
}

async function runTask(given: StoreTask): Promise<unknown> {
  const controller = new AbortController();
  const flag = new Int32Array(given.cancel);
  const timer = setInterval(() => {
    if (Atomics.load(flag, 0) !== 0) controller.abort();
  }, CANCEL_INTERVAL);
  try {
    return await run(given, controller.signal);
  } finally {
    clearInterval(timer);
  }
}

const task: (given: StoreTask) => Promise<unknown> = workerTask(runTask);
export default task;
