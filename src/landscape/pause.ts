import { setImmediate as nextTurn } from "node:timers/promises";
import { throwIfAborted } from "../common/errors.js";

/** How long a computation may hold the event loop, in milliseconds. */
const longest = 20;

/**
 * Lets a long computation breathe: the returned function, called between its parts, lets the event
 * loop go round whenever some 20 ms have passed, and throws an interruption once the signal is
 * aborted.
 */
export function breather(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    throwIfAborted(signal);
    if (performance.now() - since < longest) return;
    await nextTurn();
    throwIfAborted(signal);
    since = performance.now();
  };
}
