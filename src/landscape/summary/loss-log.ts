import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { failure, messageOf } from "../../common/errors.js";
import type { Curves } from "../methods/curves.js";

/** A landscape's losses while it is made: one record a batch, in the order in which they came. */
export interface LossLog {
  readonly curves: Curves;
  /** The batches whose losses are there. */
  readonly batches: ReadonlySet<number>;
  /** Adds what a method told of a batch. */
  append(batch: number, told: Float64Array): void;
  /**
   * Fills the array with what a method told of a batch.
   *
   * @throws a failure for a batch that is not there
   */
  read(told: Float64Array, batch: number): void;
  /**
   * Fills the array with the losses of a batch from point `first` on.
   *
   * @throws a failure for a batch that is not there
   */
  readInto(losses: Float64Array, batch: number, first: number): void;
  close(): void;
}

/** A record: the batch's number, what was told of it, and a checksum, 8 bytes each. */
const AROUND = 2;

/**
 * Opens the log of losses in a file, or makes it. Records that were there are used up to the first
 * that is not whole: a kill can cut the last one, a power failure more, and the checksums tell.
 *
 * @param curves what is told of a batch
 */
export function openLossLog(file: string, curves: Curves): LossLog {
  const { width } = curves;
  const bytes = (width + AROUND) * 8;
  const record = new Float64Array(width + AROUND);
  const view = new Uint8Array(record.buffer);
  const places = new Map<number, number>();
  let descriptor: number;
  try {
    descriptor = openSync(file, "a+");
  } catch (error) {
    throw failure(`Could not open ${file}: ${messageOf(error)}.`, error);
  }
  const checksum = (): number => crc32(view.subarray(0, bytes - 8));
  try {
    const whole = Math.floor(fstatSync(descriptor).size / bytes);
    let place = 0;
    for (; place < whole; place++) {
      readFully(descriptor, view, place * bytes);
      const batch = record[0]!;
      if (record.at(-1) !== checksum() || !Number.isSafeInteger(batch)) break;
      places.set(batch, place);
    }
    ftruncateSync(descriptor, place * bytes);
  } catch (error) {
    closeSync(descriptor);
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }

  function read(target: Float64Array, batch: number, from: number): void {
    const place = places.get(batch);
    if (place === undefined) throw failure(`${file} holds no losses of batch ${batch}.`);
    const part = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    readFully(descriptor, part, place * bytes + (1 + from) * 8);
  }

  return {
    curves,
    get batches() {
      return new Set(places.keys());
    },
    append(batch, told) {
      record[0] = batch;
      record.set(told, 1);
      record[width + 1] = checksum();
      try {
        for (let done = 0; done < bytes;) done += writeSync(descriptor, view, done, bytes - done);
      } catch (error) {
        throw failure(
          `Could not write ${file}: ${messageOf(error)}; free some space and go on with --resume.`,
          error,
        );
      }
      places.set(batch, places.size);
    },
    read: (told, batch) => read(told, batch, 0),
    readInto(losses, batch, first) {
      curves.readInto(losses, first, (target, from) => read(target, batch, from));
    },
    close() {
      closeSync(descriptor);
    },
  };
}

function readFully(descriptor: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.byteLength;) {
    const length = target.byteLength - done;
    const got = readSync(descriptor, target, done, length, position + done);
    if (got === 0) throw failure("the file ended early");
    done += got;
  }
}
