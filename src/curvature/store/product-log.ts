import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { failure, messageOf } from "../../common/errors.js";
import { writeFully } from "../../files/write-fully.js";

/** Its name within the folder of a result that is not complete. */
export const PRODUCTS_FILE = "products.bin";

/**
 * The Hessian–vector products of an iteration in the order in which they were computed. The iteration
 * is deterministic, so that it can be repeated with the products of the log, at no cost, up to where it
 * was interrupted.
 */
export interface ProductLog {
  /** Products that are in the log and have not been taken yet. */
  readonly left: number;
  /**
   * The next product, which was computed for the same vector.
   *
   * @throws a failure where it was computed for another one
   */
  take(vector: Float64Array): Float64Array;
  append(vector: Float64Array, product: Float64Array): void;
  close(): void;
}

/**
 * Opens a log, or creates it. A kill can leave the last record incomplete, a power failure more of
 * them: records are kept up to the first whose checksum is wrong.
 *
 * @param size the numbers of a vector
 */
export function openProductLog(file: string, size: number): ProductLog {
  let descriptor: number;
  try {
    descriptor = openSync(file, "a+");
  } catch (error) {
    throw failure(`Could not open ${file}: ${messageOf(error)}.`, error);
  }
  // The product, and the checksums of the vector and of the product.
  const record = new Float64Array(size + 2);
  const bytes = new Uint8Array(record.buffer);
  const { length } = bytes;
  let taken = 0;

  function readRecord(index: number): boolean {
    for (let done = 0; done < length;) {
      const got = readSync(descriptor, bytes, done, length - done, index * length + done);
      if (got === 0) return false;
      done += got;
    }
    return record[size + 1] === checksum(record.subarray(0, size + 1));
  }

  let count = 0;
  try {
    const whole = Math.floor(fstatSync(descriptor).size / length);
    while (count < whole && readRecord(count)) count++;
    ftruncateSync(descriptor, count * length);
  } catch (error) {
    closeSync(descriptor);
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }

  return {
    get left() {
      return count - taken;
    },
    take(vector) {
      if (!readRecord(taken) || record[size] !== checksum(vector)) {
        throw failure(
          (option) =>
            `${file} holds products of another iteration, such as one of another version or processor; start again with ${option("force")}.`,
        );
      }
      taken++;
      return record.slice(0, size);
    },
    append(vector, product) {
      record.set(product);
      record[size] = checksum(vector);
      record[size + 1] = checksum(record.subarray(0, size + 1));
      try {
        writeFully(descriptor, bytes);
      } catch (error) {
        throw failure(
          (option) =>
            `Could not write ${file}: ${messageOf(error)}; free some space and continue with ${option("resume")}.`,
          error,
        );
      }
      count++;
      taken++;
    },
    close: () => closeSync(descriptor),
  };
}

function checksum(numbers: Float64Array): number {
  return crc32(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}
