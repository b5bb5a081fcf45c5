/** How long unused memory is kept: as long as idle threads. */
const KEPT_MILLISECONDS = 10_000;

let spare: SharedArrayBuffer | undefined;
let forget: NodeJS.Timeout | undefined;

/**
 * Memory that threads share, of at least as many bytes. Memory that was given back is used again: new
 * memory must be cleared, and the old one is not freed until every thread has collected its garbage.
 */
export function takeShared(bytes: number): SharedArrayBuffer {
  const kept = spare;
  clearTimeout(forget);
  spare = undefined;
  // Memory that is far larger than needed would exceed the budget.
  if (kept !== undefined && kept.byteLength >= bytes && kept.byteLength <= 2 * bytes) return kept;
  return new SharedArrayBuffer(bytes);
}

/** Gives back memory that no thread uses any more. */
export function giveShared(memory: SharedArrayBuffer): void {
  spare = memory;
  clearTimeout(forget);
  forget = setTimeout(() => {
    spare = undefined;
  }, KEPT_MILLISECONDS).unref();
}
