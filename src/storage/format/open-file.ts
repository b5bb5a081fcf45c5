import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { failure, messageOf } from "../../common/errors.js";
import type { RandomAccessFile } from "./types.js";

/** An open file, and its version when it was opened and now. */
export interface OpenFile extends RandomAccessFile {
  readonly version: string;
  versionNow(): string;
  close(): void;
}

/** Identifies the content of a file: it differs if the file is changed or replaced. */
export function fileVersion(found: { size: number; mtimeMs: number; ino: number }): string {
  return `${found.size} ${found.mtimeMs} ${found.ino}`;
}

/** Opens a file for reading at given positions. */
export function openFile(path: string): OpenFile {
  const descriptor = openSync(path, "r");
  let opened: Stats;
  try {
    opened = fstatSync(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const { size } = opened;
  const readInto = (bytes: Uint8Array, position: number): void => {
    for (let done = 0; done < bytes.byteLength;) {
      const length = readSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
      if (length === 0) throw failure(`${path} is cut short: it ends at byte ${position + done}.`);
      done += length;
    }
  };
  return {
    path,
    size,
    version: fileVersion(opened),
    versionNow() {
      try {
        return fileVersion(fstatSync(descriptor));
      } catch (error) {
        throw failure(`Could not read ${path}: ${messageOf(error)}.`, error);
      }
    },
    readInto,
    read(position, length) {
      if (position < 0 || length < 0 || position + length > size) {
        throw failure(`${path} is damaged: it names bytes outside itself.`);
      }
      const bytes = new Uint8Array(length);
      readInto(bytes, position);
      return bytes;
    },
    close() {
      closeSync(descriptor);
    },
  };
}
