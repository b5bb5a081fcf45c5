import { writeSync } from "node:fs";

/**
 * Writes bytes to a file, however few of them the system takes at once: a disk that is about to be full, or a network's,
 * may take some and report no error.
 *
 * @param position where; default: where the file stands
 */
export function writeFully(descriptor: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? undefined : position + done;
    done += writeSync(descriptor, bytes, done, bytes.length - done, at);
  }
}
