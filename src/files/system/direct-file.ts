import { closeSync, constants, openSync, write, writeSync } from "node:fs";
import { isUnsupported } from "./flush.js";

/*
 * On Linux, files are written with O_DIRECT, which keeps them out of the page cache: filling the cache costs
 * several times the processor time of the write itself, and evicts what other programs read. Such writes need
 * positions, lengths and memory on block boundaries. Where the file system does not support them, ordinary
 * writes take their place.
 */

/** A file that is written at given positions. */
export interface DirectFile {
  /** Writes bytes on block boundaries, and returns when they are written. */
  writeNow: (bytes: Uint8Array, position: number) => void;
  /** Writes bytes on block boundaries in the background. */
  writeLater: (bytes: Uint8Array, position: number) => Promise<void>;
  /** Writes bytes of any length at any position. */
  writePlain: (bytes: Uint8Array, position: number) => void;
  close: () => void;
}

/** Opens a file's descriptor for direct writes; undefined where there are none. */
export type OpenDirect = (file: string) => number | undefined;

/** Creates a file for direct writes, or replaces an earlier one. */
export function createDirectFile(file: string, openDirect: OpenDirect = tryOpen): DirectFile {
  const plain = openSync(file, "w");
  /** Undefined until the first direct write. */
  let direct: number | undefined;
  let isSupported = true;

  const descriptor = (): number => {
    if (!isSupported) return plain;
    direct ??= openDirect(file);
    isSupported = direct !== undefined;
    return direct ?? plain;
  };
  /** Throws the error of a write unless ordinary writes may succeed, which are used from then on. */
  const throwUnlessUnsupported = (error: unknown, used: number): void => {
    if (used === plain || !isUnsupported(error)) throw error;
    isSupported = false;
  };
  const writeAll = (bytes: Uint8Array, position: number, used: number): void => {
    for (let done = 0; done < bytes.length;) {
      try {
        done += writeSync(used, bytes, done, bytes.length - done, position + done);
      } catch (error) {
        throwUnlessUnsupported(error, used);
        return writeAll(bytes.subarray(done), position + done, plain);
      }
    }
  };
  return {
    writeNow: (bytes, position) => writeAll(bytes, position, descriptor()),
    async writeLater(bytes, position) {
      const used = descriptor();
      let done = 0;
      try {
        done = await writeOnce(used, bytes, position);
      } catch (error) {
        throwUnlessUnsupported(error, used);
      }
      // Rare: a full disk, a signal, or a file system that opens files for direct writes without supporting them.
      if (done < bytes.length) writeAll(bytes.subarray(done), position + done, plain);
    },
    writePlain: (bytes, position) => writeAll(bytes, position, plain),
    close() {
      if (direct !== undefined) closeSync(direct);
      closeSync(plain);
    },
  };
}

function tryOpen(file: string): number | undefined {
  // Only Linux has the flag.
  const { O_DIRECT, O_WRONLY } = constants as { O_DIRECT?: number; O_WRONLY: number };
  if (O_DIRECT === undefined) return undefined;
  try {
    return openSync(file, O_WRONLY | O_DIRECT);
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}

/** One write, which may write fewer bytes than there are. Resolves to their number. */
function writeOnce(descriptor: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, position, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}
