import { crc32 } from "node:zlib";
import { failure } from "../../common/errors.js";
import { recordBatchRows, type ShardFormat } from "../format/shard-format.js";
import { openShard } from "../reading/shard-reader.js";

/** Rows × D features, row-major, and targets. */
export interface FloatRows {
  x: Float32Array;
  y: Float32Array;
}

/** Continues a CRC-32 with more rows. */
export function addChecksum(checksum: number, { x, y }: FloatRows): number {
  return crc32(bytesOf(y), crc32(bytesOf(x), checksum));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Reads a finished shard back, a record batch at a time, and throws a failure if its values are not those that were
 * written.
 *
 * @param checksum of the record batches that were written, by `addChecksum`
 */
export async function compareShard(
  file: string,
  format: ShardFormat,
  { rows, features }: { rows: number; features: number },
  checksum: number,
): Promise<void> {
  const batchRows = Math.min(recordBatchRows(features), rows);
  const x = new Float32Array(batchRows * features);
  const y = new Float32Array(batchRows);
  const written = await openShard({ file, format, rows, features });
  try {
    let found = 0;
    for (let first = 0; first < rows; first += batchRows) {
      const count = Math.min(batchRows, rows - first);
      await written.read(first, count, { x, y }, 0);
      const read = { x: x.subarray(0, count * features), y: y.subarray(0, count) };
      found = addChecksum(found, read);
    }
    if (found !== checksum) {
      throw failure(`${file} does not read back as it was written; is the disk or memory damaged?`);
    }
  } finally {
    written.close();
  }
}
