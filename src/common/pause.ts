import { setImmediate as nextTurn } from "node:timers/promises";
import { throwIfAborted } from "./errors.js";

/** How long a computation may hold the event loop, in milliseconds. */
const LONGEST = 20;

/**
 * Lets a long computation breathe: the returned function, called between its parts, lets the event
 * loop go round whenever some 20 ms have passed since it last did, and throws an interruption once
 * the signal, if there is one, is aborted.
 */
export function breather(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    throwIfAborted(signal);
    if (performance.now() - since < LONGEST) return;
    await nextTurn();
    throwIfAborted(signal);
    since = performance.now();
  };
}
