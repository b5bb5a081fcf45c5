import type * as ZstdModule from "@bokuweb/zstd-wasm";
import { usageError } from "../common/errors.js";
import { SHARD_FORMATS, type ShardFormat } from "./shard-format.js";

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
