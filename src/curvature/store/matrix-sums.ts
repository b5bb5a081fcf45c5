import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { failure, isAbsent, messageOf } from "../../common/errors.js";
import { writeAtomic } from "../../files/atomic.js";

/** Its name within the folder of a result that is not complete. */
export const MATRIX_FILE = "matrix.bin";

/** What has been summed of a whole Hessian. */
export interface KeptSums {
  /** Rows that are in the sums: the first ones. */
  rows: number;
  sums: Float64Array[];
}

/**
 * Reads the sums of an assembly that was interrupted.
 *
 * @param lengths how many numbers each array of sums has
 * @returns undefined where there are none, or they are damaged: the assembly then begins again
 */
export function readMatrixSums(file: string, lengths: readonly number[]): KeptSums | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  const numbers = lengths.reduce((sum, length) => sum + length, 0);
  if (bytes.length !== 8 * (numbers + 2)) return undefined;
  // A copy, since Float64Array needs an offset that is a multiple of eight.
  const all = new Float64Array(Uint8Array.from(bytes).buffer);
  if (crc32(bytesOf(all.subarray(0, -1))) !== all.at(-1)) return undefined;
  let at = 1;
  return { rows: all[0]!, sums: lengths.map((length) => all.slice(at, (at += length))) };
}

/** Writes sums, atomically. */
export async function writeMatrixSums(file: string, { rows, sums }: KeptSums): Promise<void> {
  try {
    await writeAtomic(file, async (temporary) => {
      const handle = await open(temporary, "w");
      try {
        let sum = 0;
        for (const numbers of [Float64Array.of(rows), ...sums]) {
          const bytes = bytesOf(numbers);
          sum = crc32(bytes, sum);
          await handle.writeFile(bytes);
        }
        await handle.writeFile(bytesOf(Float64Array.of(sum)));
      } finally {
        await handle.close();
      }
    });
  } catch (error) {
    throw failure(
      (option) =>
        `Could not write ${file}: ${messageOf(error)}; free some space and continue with ${option("resume")}.`,
      error,
    );
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
