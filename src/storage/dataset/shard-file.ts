import { rmSync } from "node:fs";
import path from "node:path";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { writeAtomic } from "../../files/atomic.js";
import { TEMPORARY_SUFFIX } from "../../files/system/flush.js";
import { createFileWriter, type FileWriter } from "../../files/file-writer.js";
import type { ColumnRounding } from "../format/column-rounding.js";
import type { ShardEntry } from "../format/manifest.js";
import type { Compression } from "../format/compression.js";
import {
  shardMetadata,
  type ShardDescription,
  type ShardFormat,
  type ShardWriter,
} from "../format/shard-format.js";

/** A shard that was written. */
export interface WrittenShard {
  /** Its line of the manifest. */
  shard: ShardEntry;
  /** Of float64 rows: what float32 changed in each column, the target's last. */
  rounding?: ColumnRounding[];
}

/** A shard with what is known of its rounding. */
export function writtenShard(
  shard: ShardEntry,
  rounding: ColumnRounding[] | undefined,
): WrittenShard {
  return { shard, ...(rounding && { rounding }) };
}

/** Appends rows to a shard. Resolves once it can take more. */
export type AppendRows = (x: Float32Array, y: Float32Array, rows: number) => Promise<void>;

/**
 * Writes and hashes the content of one shard. It is not flushed to disk: `writeShardAtomic` does that.
 *
 * @param file a temporary name
 * @param fill appends the rows
 * @returns the shard's line of the manifest, with the name of `file`
 * @throws a failure that names the file; nothing is left of the file then
 */
export async function writeShardFile(
  file: string,
  format: ShardFormat,
  compression: Compression,
  description: ShardDescription,
  fill: (append: AppendRows) => Promise<void>,
): Promise<ShardEntry> {
  let out: FileWriter | undefined;
  try {
    out = createFileWriter(file);
    const { put, drained } = out;
    const { features } = description.spec;
    const metadata = shardMetadata(description);
    const { name, version } = description.generator;
    let writer: ShardWriter;
    // Each writer is loaded only where its files are written: their packages take as long as all else of storage.
    if (format === "arrow") {
      const { createArrowWriter } = await import("../arrow/writer.js");
      writer = createArrowWriter(features, metadata, put);
    } else {
      const { createParquetWriter } = await import("../parquet/writer.js");
      const createdBy = `${name} ${version}`;
      writer = createParquetWriter(features, metadata, compression, createdBy, put);
    }
    await fill((x, y, rows) => {
      writer.append(x, y, rows);
      return drained();
    });
    writer.finish();
    const { bytes, sha256 } = await out.finish();
    return { file: path.basename(file), rows: description.rows, bytes, sha256 };
  } catch (error) {
    await out?.abandon();
    rmSync(file, { force: true });
    // An error of the source, which names another file.
    if (error instanceof VadiError) throw error;
    throw notWritten(file, error);
  }
}

const FULL_DISK = "The disk is full:";

/** Whether an error, perhaps one of a thread, says that there was no space for a shard. */
export function isFullDisk(error: unknown): boolean {
  return error instanceof VadiError && error.message.startsWith(FULL_DISK);
}

/**
 * The error for a shard that could not be written.
 *
 * @param temporary the shard's name, or its temporary name, which the error does not show
 */
function notWritten(temporary: string, error: unknown): VadiError {
  const file = temporary.endsWith(TEMPORARY_SUFFIX)
    ? temporary.slice(0, -TEMPORARY_SUFFIX.length)
    : temporary;
  if (systemCode(error) === "ENOSPC") {
    return failure(
      (option) =>
        `${FULL_DISK} ${file} could not be written; free some space and continue with ${option("resume")}.`,
      error,
    );
  }
  return failure(`Could not write ${file}: ${messageOf(error)}.`, error);
}

/**
 * Makes a shard that appears under its name only when it is complete and on disk. It is flushed outside the
 * worker threads, which meanwhile make other shards.
 *
 * @param write writes the content under the temporary name, as `writeShardFile` does
 * @returns what was written, with the shard's own name
 * @throws a failure that names the file, or what `write` throws; nothing is left of the file then
 */
export async function writeShardAtomic(
  file: string,
  write: (temporary: string) => Promise<WrittenShard>,
): Promise<WrittenShard> {
  try {
    const written = await writeAtomic(file, write);
    return { ...written, shard: { ...written.shard, file: path.basename(file) } };
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw notWritten(file, error);
  }
}
