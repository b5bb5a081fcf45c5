import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const READ_BYTES = 1024 * 1024;

/** Of this thread: a dataset may have a hundred thousand small files. */
let buffer: Buffer | undefined;

/** The SHA-256 of a file, lower-case hex. Synchronous, for worker threads. */
export function hashFile(file: string): string {
  const hash = createHash("sha256");
  const descriptor = openSync(file, "r");
  try {
    for (;;) {
      buffer ??= Buffer.allocUnsafe(READ_BYTES);
      const bytes = readSync(descriptor, buffer);
      if (bytes === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytes));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The SHA-256 of some bytes, lower-case hex. */
export function hashBytes(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
