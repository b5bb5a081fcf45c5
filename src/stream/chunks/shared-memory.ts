/** How long memory that nobody uses is kept, as idle threads are. */
const KEPT_MILLISECONDS = 10_000;

let spare: SharedArrayBuffer | undefined;
let forget: NodeJS.Timeout | undefined;

/**
 * Memory that threads share, at least so many bytes. The last piece that was given back is used
 * again: a new one would have to be cleared, and the old one would lie about until every thread
 * collects its garbage.
 */
export function takeShared(bytes: number): SharedArrayBuffer {
  const kept = spare;
  clearTimeout(forget);
  spare = undefined;
  // One that is far larger than needed would not be within the budget.
  if (kept !== undefined && kept.byteLength >= bytes && kept.byteLength <= 2 * bytes) return kept;
  return new SharedArrayBuffer(bytes);
}

/** Gives memory back that no thread uses any more. */
export function giveShared(memory: SharedArrayBuffer): void {
  spare = memory;
  clearTimeout(forget);
  forget = setTimeout(() => {
    spare = undefined;
  }, KEPT_MILLISECONDS).unref();
}
