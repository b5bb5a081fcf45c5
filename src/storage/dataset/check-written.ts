import { crc32 } from "node:zlib";
import { failure } from "../../common/errors.js";
import { hashFile } from "../../files/hash.js";
import type { Compression } from "../format/compression.js";
import type { ShardEntry } from "../format/manifest.js";
import { recordBatchRows, type ShardFormat } from "../format/shard-format.js";
import { openShard } from "../reading/shard-reader.js";

/** Rows × D features, row-major, and targets. */
export interface FloatRows {
  x: Float32Array;
  y: Float32Array;
}

/** Checks that a shard reads back as it was written. */
export interface WrittenCheck {
  /** Notes rows that were written. */
  add(rows: FloatRows): void;
  /**
   * Reads the finished shard back.
   *
   * @param entry its line of the manifest
   * @throws a failure if its bytes or values are not those that were written
   */
  finish(entry: ShardEntry): Promise<void>;
}

/**
 * Checks a shard that is to be written. Of an uncompressed file the bytes are compared, by SHA-256; of a compressed
 * one the values, by CRC-32 of each record batch, as the compressor may have failed.
 */
export function checkWritten(
  file: string,
  format: ShardFormat,
  compression: Compression,
  features: number,
): WrittenCheck {
  const damaged = (): Error =>
    failure(
      `${file} does not read back as it was written; check the disk and the memory of this machine.`,
    );
  if (compression === "none") {
    return {
      add() {},
      async finish({ sha256 }) {
        if (hashFile(file) !== sha256) throw damaged();
      },
    };
  }
  let checksum = 0;
  return {
    add: (rows) => {
      checksum = addChecksum(checksum, rows);
    },
    async finish({ rows }) {
      if ((await checksumOf(file, format, rows, features)) !== checksum) throw damaged();
    },
  };
}

function addChecksum(checksum: number, { x, y }: FloatRows): number {
  return crc32(bytesOf(y), crc32(bytesOf(x), checksum));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Of a shard's values, a record batch at a time. */
async function checksumOf(
  file: string,
  format: ShardFormat,
  rows: number,
  features: number,
): Promise<number> {
  const batchRows = Math.min(recordBatchRows(features), rows);
  const x = new Float32Array(batchRows * features);
  const y = new Float32Array(batchRows);
  const written = await openShard({ file, format, rows, features });
  try {
    let found = 0;
    for (let first = 0; first < rows; first += batchRows) {
      const count = Math.min(batchRows, rows - first);
      await written.read(first, count, { x, y }, 0);
      found = addChecksum(found, { x: x.subarray(0, count * features), y: y.subarray(0, count) });
    }
    return found;
  } finally {
    written.close();
  }
}
