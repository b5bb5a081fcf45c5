import type * as ZstdModule from "@bokuweb/zstd-wasm";
import { compressors } from "hyparquet-compressors";
import { usageError } from "../common/errors.js";
import { recordBatchRows, SHARD_FORMATS, type ShardFormat } from "./shard-format.js";

export const COMPRESSIONS: readonly ["none", "snappy", "zstd"] = ["none", "snappy", "zstd"];

/** Compression of Parquet pages. */
export type Compression = (typeof COMPRESSIONS)[number];

/**
 * The format and the compression of shards, by default Arrow and none.
 *
 * @throws a usage error that names the option
 */
export function checkFormat(given: { format?: ShardFormat; compression?: Compression }): {
  format: ShardFormat;
  compression: Compression;
} {
  const { format = "arrow", compression = "none" } = given;
  if (!SHARD_FORMATS.includes(format)) {
    throw usageError(`--format must be ${SHARD_FORMATS.join(" or ")}, not '${format}'.`);
  }
  if (!COMPRESSIONS.includes(compression)) {
    throw usageError(`--compression must be none, snappy or zstd, not '${compression}'.`);
  }
  if (format === "arrow" && compression !== "none") {
    throw usageError("--compression is for --format parquet; Arrow shards are not compressed.");
  }
  return { format, compression };
}

/** The level that zstd itself takes by default; part of the bytes of a dataset. */
const ZSTD_LEVEL = 3;

let zstd: typeof ZstdModule | undefined;

/** Loads what a compression needs; before the first write with it, in every thread. */
export async function prepareCompression(compression: Compression): Promise<void> {
  if (compression !== "zstd" || zstd !== undefined) return;
  const loaded = await import("@bokuweb/zstd-wasm");
  await loaded.init();
  zstd = loaded;
}

/** A page as a zstd frame (RFC 8878). */
export function zstdCompress(page: Uint8Array): Uint8Array {
  if (zstd === undefined) throw new Error("zstd must be prepared before it is used");
  return zstd.compress(page, ZSTD_LEVEL);
}

/**
 * Decompresses a page of a shard, unless it claims to be larger than a row group of one can be.
 *
 * @throws where the page is larger, or has another length than it says
 */
function decompress(codec: "SNAPPY" | "ZSTD", page: Uint8Array, length: number): Uint8Array {
  const run = compressors[codec];
  if (run === undefined || length > recordBatchRows(1) * 4) {
    throw new Error(`a page cannot have ${length} bytes`);
  }
  return run(page, length);
}

/** The decompressors of the codecs that a shard may have. */
export const decompressors: Record<
  "SNAPPY" | "ZSTD",
  (page: Uint8Array, length: number) => Uint8Array
> = {
  SNAPPY: (page, length) => decompress("SNAPPY", page, length),
  ZSTD: (page, length) => decompress("ZSTD", page, length),
};
