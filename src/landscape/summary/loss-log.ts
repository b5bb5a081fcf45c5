import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { failure, messageOf } from "../../common/errors.js";
import type { Curves } from "../methods/curves.js";
import { writeFully } from "../../files/write-fully.js";

/** Its name within the folder of a landscape that is not complete. */
export const LOG_FILE = "losses.bin";

/**
 * What is known of the batches of a landscape until it is complete: one record per batch, in the order
 * in which they were computed.
 */
export interface LossLog {
  readonly curves: Curves;
  /** The batches that have a record. */
  readonly batches: ReadonlySet<number>;
  /** Adds the values that a method computed for a batch. */
  append(batch: number, values: Float64Array): void;
  /**
   * Fills the array with the values of a batch.
   *
   * @throws a failure for a batch without a record
   */
  read(values: Float64Array, batch: number): void;
  /**
   * Fills the array with the losses of a batch from point `first` on.
   *
   * @throws a failure for a batch without a record
   */
  readInto(losses: Float64Array, batch: number, first: number): void;
  /** May be called again. */
  close(): void;
}

/**
 * Opens a log, or creates it. A kill can leave the last record incomplete, a power failure more of
 * them: records are kept up to the first whose checksum is wrong.
 *
 * @param curves what the values of a batch mean
 */
export function openLossLog(file: string, curves: Curves): LossLog {
  let descriptor: number;
  try {
    descriptor = openSync(file, "a+");
  } catch (error) {
    throw failure(`Could not open ${file}: ${messageOf(error)}.`, error);
  }
  const record = createRecord(curves.width);
  let places: Map<number, number>;
  try {
    places = recoverRecords(descriptor, record);
  } catch (error) {
    closeSync(descriptor);
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }

  let isClosed = false;

  function readAt(target: Float64Array, batch: number, from: number): void {
    const place = places.get(batch);
    if (place === undefined) throw failure(`${file} holds no losses of batch ${batch}.`);
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    readFully(descriptor, bytes, place * record.bytes.length + (1 + from) * 8);
  }

  return {
    curves,
    get batches() {
      return new Set(places.keys());
    },
    append(batch, values) {
      record.fill(batch, values);
      const { bytes } = record;
      try {
        writeFully(descriptor, bytes);
      } catch (error) {
        throw failure(
          (option) =>
            `Could not write ${file}: ${messageOf(error)}; free some space and continue with ${option("resume")}.`,
          error,
        );
      }
      places.set(batch, places.size);
    },
    read: (values, batch) => readAt(values, batch, 0),
    readInto(losses, batch, first) {
      curves.readInto(losses, first, (target, from) => readAt(target, batch, from));
    },
    close() {
      // Another file may have the descriptor by now.
      if (isClosed) return;
      isClosed = true;
      closeSync(descriptor);
    },
  };
}

/** Memory for one record: the batch's number, its values and a checksum, 8 bytes each. */
interface LogRecord {
  readonly bytes: Uint8Array;
  fill(batch: number, values: Float64Array): void;
  /** The number of the batch; undefined where the checksum is wrong. */
  batch(): number | undefined;
}

function createRecord(width: number): LogRecord {
  const numbers = new Float64Array(width + 2);
  const bytes = new Uint8Array(numbers.buffer);
  const checksum = (): number => crc32(bytes.subarray(0, -8));
  return {
    bytes,
    fill(batch, values) {
      numbers[0] = batch;
      numbers.set(values, 1);
      numbers[width + 1] = checksum();
    },
    batch() {
      const [batch] = numbers;
      const isWhole = Number.isSafeInteger(batch) && numbers[width + 1] === checksum();
      return isWhole ? batch : undefined;
    },
  };
}

/**
 * Cuts the file after its last intact record.
 *
 * @returns the place of each batch's record
 */
function recoverRecords(descriptor: number, record: LogRecord): Map<number, number> {
  const { bytes } = record;
  const places = new Map<number, number>();
  const complete = Math.floor(fstatSync(descriptor).size / bytes.length);
  let place = 0;
  for (; place < complete; place++) {
    readFully(descriptor, bytes, place * bytes.length);
    const batch = record.batch();
    if (batch === undefined) break;
    places.set(batch, place);
  }
  ftruncateSync(descriptor, place * bytes.length);
  return places;
}

function readFully(descriptor: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.byteLength;) {
    const length = target.byteLength - done;
    const got = readSync(descriptor, target, done, length, position + done);
    if (got === 0) throw failure("the file ended early");
    done += got;
  }
}
