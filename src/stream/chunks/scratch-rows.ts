import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import type { Block, Scratch, Run } from "./types.js";

interface OpenScratch {
  /** Moves whole rows between memory and the scratch, from one of its rows on. */
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
  const told = (error: unknown): VadiError =>
    error instanceof VadiError
      ? error
      : failure(
          `Could not ${direction} the scratch file ${file}: ${messageOf(error)}; name another folder with --scratch.`,
          error,
        );
  let descriptor: number;
  try {
    descriptor = openSync(file, direction === "write" ? "r+" : "r");
  } catch (error) {
    throw told(error);
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
        throw told(error);
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

/** Writes consecutive rows. */
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

/** Reads runs one after the other, a block at a time; `deal` is told how many rows the block holds. */
export function readRuns(
  scratch: Scratch,
  runs: readonly Run[],
  stride: number,
  { capacity, packed }: Block,
  deal: (rows: number) => void,
): void {
  const open = openScratch(scratch, stride, "read");
  try {
    let at = 0;
    for (const { firstRow, rows } of runs) {
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, capacity - at);
        open.move(firstRow + done, packed.subarray(at * stride, (at + count) * stride));
        done += count;
        at += count;
        if (at === capacity) {
          deal(at);
          at = 0;
        }
      }
    }
    if (at > 0) deal(at);
  } finally {
    open.close();
  }
}
