import { setImmediate as nextTurn } from "node:timers/promises";

/** How long a computation may hold the event loop, in milliseconds. */
const LONGEST = 20;

/**
 * Lets a long computation breathe: the returned function, called between its parts, lets the event
 * loop go round whenever some 20 ms have passed since it last did.
 */
export function breather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < LONGEST) return;
    await nextTurn();
    since = performance.now();
  };
}
