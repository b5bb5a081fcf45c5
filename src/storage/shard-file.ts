import { createHash } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { failure, messageOf, systemCode, VadiError } from "../common/errors.js";
import { placeWhole, TEMPORARY_SUFFIX } from "./atomic.js";
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
 * Writes the whole content of one shard and hashes it on the way. It is not yet on disk then: see
 * `placeShard`.
 *
 * @param file a temporary name
 * @param fill appends the rows
 * @returns the shard's line of the manifest, with the name of `file`
 * @throws a failure that names the file; nothing of it is left behind then
 */
export async function writeShardFile(
  file: string,
  format: ShardFormat,
  compression: Compression,
  description: ShardDescription,
  fill: (writer: ShardWriter) => void | Promise<void>,
): Promise<ShardEntry> {
  const hash = createHash("sha256");
  let bytes = 0;
  let descriptor: number | undefined;
  try {
    const opened = openSync(file, "w");
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
    let writer: ShardWriter;
    if (format === "arrow") {
      // Loaded only where Arrow files are written: apache-arrow takes as long as all else of storage.
      const { createArrowWriter } = await import("./arrow-writer.js");
      writer = createArrowWriter(features, metadata, sink);
    } else {
      const createdBy = `${name} ${version}`;
      writer = createParquetWriter(features, metadata, compression, createdBy, sink);
    }
    await fill(writer);
    writer.finish();
    flush();
    closeSync(opened);
    descriptor = undefined;
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(file, { force: true });
    // What cannot be read is not to blame on what is written.
    if (error instanceof VadiError) throw error;
    throw notWritten(file, error);
  }
  return { file: path.basename(file), rows: description.rows, bytes, sha256: hash.digest("hex") };
}

/** @param temporary the shard's name or its temporary one, which means nothing to people */
function notWritten(temporary: string, error: unknown): VadiError {
  const file = temporary.endsWith(TEMPORARY_SUFFIX)
    ? temporary.slice(0, -TEMPORARY_SUFFIX.length)
    : temporary;
  if (systemCode(error) === "ENOSPC") {
    return failure(
      `The disk is full: ${file} could not be written; free some space and run the same command with --resume.`,
      error,
    );
  }
  return failure(`Could not write ${file}: ${messageOf(error)}.`, error);
}

/**
 * Has a shard written under a temporary name and puts it on disk and under its own, so that it appears
 * only when it is whole. Nothing here keeps a thread: while the disk works, other shards are made.
 *
 * @param write writes the content under the temporary name, as `writeShardFile` does
 * @returns the shard's line of the manifest
 * @throws a failure that names the file, or what `write` throws; nothing of it is left behind then
 */
export async function placeShard(
  file: string,
  write: (temporary: string) => Promise<ShardEntry>,
): Promise<ShardEntry> {
  try {
    const entry = await placeWhole(file, write);
    return { ...entry, file: path.basename(file) };
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw notWritten(file, error);
  }
}
