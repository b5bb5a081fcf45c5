import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { failure, messageOf, systemCode, VadiError } from "../common/errors.js";
import { createArrowWriter } from "./arrow-writer.js";
import { syncFolder, TEMPORARY_SUFFIX } from "./atomic.js";
import type { ShardEntry } from "./manifest.js";
import { createParquetWriter } from "./parquet-writer.js";
import type { Compression } from "./compression.js";
import {
  shardMetadata,
  type ByteSink,
  type ShardDescription,
  type ShardFormat,
  type ShardWriter,
} from "./shard-format.js";

/** Small pieces are gathered to writes of this size. */
const WRITE_BYTES = 1024 * 1024;

/**
 * Writes one shard so that it appears under its name only when it is whole and on disk, and hashes
 * it on the way.
 *
 * @param fill appends the rows
 * @returns the shard's line of the manifest
 * @throws a failure that names the file; nothing of it is left behind then
 */
export async function writeShardFile(
  file: string,
  format: ShardFormat,
  compression: Compression,
  description: ShardDescription,
  fill: (writer: ShardWriter) => void | Promise<void>,
): Promise<ShardEntry> {
  const temporary = `${file}${TEMPORARY_SUFFIX}`;
  const hash = createHash("sha256");
  let bytes = 0;
  let descriptor: number | undefined;
  try {
    const opened = openSync(temporary, "w");
    descriptor = opened;
    const buffer = Buffer.allocUnsafe(WRITE_BYTES);
    let buffered = 0;
    const put = (piece: Uint8Array): void => {
      hash.update(piece);
      bytes += piece.byteLength;
      for (let done = 0; done < piece.byteLength;) {
        done += writeSync(opened, piece, done, piece.byteLength - done);
      }
    };
    const flush = (): void => {
      if (buffered > 0) put(buffer.subarray(0, buffered));
      buffered = 0;
    };
    const sink: ByteSink = (piece) => {
      if (buffered + piece.byteLength > WRITE_BYTES) flush();
      if (piece.byteLength >= WRITE_BYTES) put(piece);
      else {
        buffer.set(piece, buffered);
        buffered += piece.byteLength;
      }
    };
    const { features } = description.spec;
    const metadata = shardMetadata(description);
    const { name, version } = description.generator;
    const writer =
      format === "arrow"
        ? createArrowWriter(features, metadata, sink)
        : createParquetWriter(features, metadata, compression, `${name} ${version}`, sink);
    await fill(writer);
    writer.finish();
    flush();
    fsyncSync(opened);
    closeSync(opened);
    descriptor = undefined;
    renameSync(temporary, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(temporary, { force: true });
    if (systemCode(error) === "ENOSPC") {
      throw failure(
        `The disk is full: ${file} could not be written; free some space and run the same command with --resume.`,
        error,
      );
    }
    // What cannot be read is not to blame on what is written.
    if (error instanceof VadiError) throw error;
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  }
  return { file: path.basename(file), rows: description.rows, bytes, sha256: hash.digest("hex") };
}
