import { setImmediate as nextTurn } from "node:timers/promises";
import { throwIfAborted } from "./errors.js";

/** How long a computation may keep the event loop waiting, in milliseconds. */
const LONGEST = 20;

/**
 * Keeps a long computation from blocking the event loop. The computation calls the returned function
 * often; about every 20 ms the call lets the event loop handle what is waiting.
 *
 * @returns a function that throws an interruption once the signal is aborted
 */
export function createPause(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    throwIfAborted(signal);
    if (performance.now() - since < LONGEST) return;
    await nextTurn();
    throwIfAborted(signal);
    since = performance.now();
  };
}
