/** What is called when a signal is aborted; one listener a signal, however many wait for it. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a function once the signal is aborted.
 *
 * @returns what ends the wait
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  let calls = waiting.get(signal);
  if (calls === undefined) {
    const all = new Set<() => void>();
    signal.addEventListener("abort", () => all.forEach((each) => each()), { once: true });
    waiting.set(signal, all);
    calls = all;
  }
  const own = calls;
  own.add(call);
  return () => own.delete(call);
}
