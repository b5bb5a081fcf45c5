import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import type { Staging } from "./bucket-shuffle.js";
import type { Scratch, ScratchRange } from "./tasks.js";

interface OpenScratch {
  /** Copies rows between memory and the scratch, from one of its rows on. */
  move(firstRow: number, values: Float32Array): void;
  close(): void;
}

function openShared(
  shared: SharedArrayBuffer,
  stride: number,
  direction: "write" | "read",
): OpenScratch {
  return {
    move(firstRow, values) {
      const rows = new Float32Array(shared, firstRow * stride * 4, values.length);
      if (direction === "write") rows.set(values);
      else values.set(rows);
    },
    close() {},
  };
}

function openFile(file: string, stride: number, direction: "write" | "read"): OpenScratch {
  const asFailure = (error: unknown): VadiError =>
    error instanceof VadiError
      ? error
      : failure(
          (option) =>
            `Could not ${direction} the scratch file ${file}: ${messageOf(error)}; name another folder with ${option("scratch")}.`,
          error,
        );
  let descriptor: number;
  try {
    descriptor = openSync(file, direction === "write" ? "r+" : "r");
  } catch (error) {
    throw asFailure(error);
  }
  return {
    move(firstRow, values) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      try {
        for (let done = 0; done < bytes.byteLength;) {
          const position = firstRow * stride * 4 + done;
          const length = bytes.byteLength - done;
          const moved =
            direction === "write"
              ? writeSync(descriptor, bytes, done, length, position)
              : readSync(descriptor, bytes, done, length, position);
          if (moved === 0) throw failure(`The scratch file ${file} is cut short.`);
          done += moved;
        }
      } catch (error) {
        throw asFailure(error);
      }
    },
    close: () => closeSync(descriptor),
  };
}

function openScratch(scratch: Scratch, stride: number, direction: "write" | "read"): OpenScratch {
  return "shared" in scratch
    ? openShared(scratch.shared, stride, direction)
    : openFile(scratch.file, stride, direction);
}

/** Writes consecutive rows to the scratch, from row `firstRow` on. */
export function writeRows(
  scratch: Scratch,
  firstRow: number,
  values: Float32Array,
  stride: number,
): void {
  const open = openScratch(scratch, stride, "write");
  try {
    open.move(firstRow, values);
  } finally {
    open.close();
  }
}

/**
 * Reads ranges of the scratch, one after the other, into a staging buffer, again and again.
 *
 * @param scatter is called with the rows in the buffer whenever it is full, and at the end
 */
export function readScratch(
  scratch: Scratch,
  ranges: readonly ScratchRange[],
  stride: number,
  { capacity, packed }: Staging,
  scatter: (rows: number) => void,
): void {
  const open = openScratch(scratch, stride, "read");
  try {
    let at = 0;
    for (const { firstRow, rows } of ranges) {
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, capacity - at);
        open.move(firstRow + done, packed.subarray(at * stride, (at + count) * stride));
        done += count;
        at += count;
        if (at === capacity) {
          scatter(at);
          at = 0;
        }
      }
    }
    if (at > 0) scatter(at);
  } finally {
    open.close();
  }
}
