import type * as ZstdModule from "@bokuweb/zstd-wasm";
import { usageError } from "../../common/errors.js";
import type { ShardFormat } from "./shard-format.js";

export const COMPRESSIONS = ["none", "snappy", "zstd"] as const;

/** Compression of Parquet pages. */
export type Compression = (typeof COMPRESSIONS)[number];

/** @throws a usage error where a compression is asked for that the format does not have */
export function checkCompression(format: ShardFormat, compression: Compression): void {
  if (format === "arrow" && compression !== "none") {
    throw usageError(
      (option) =>
        `${option("compression")} is for ${option("format")} parquet; Arrow shards are not compressed.`,
    );
  }
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

/** What every zstd frame starts with. */
const FRAME_MAGIC = 0xfd2fb528;

/** How many bytes a zstd frame says that it holds, if it does (RFC 8878, section 3.1.1.1). */
function frameContent(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== FRAME_MAGIC) {
    throw new Error("a page does not start as zstd does");
  }
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 32) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  const bytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  if (at + bytes > frame.length) throw new Error("a zstd page is cut");
  if (bytes === 8) return Number(view.getBigUint64(at, true));
  if (bytes === 4) return view.getUint32(at, true);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 1 ? view.getUint8(at) : undefined;
}

/**
 * The bytes of a page that is one zstd frame, by zstd's own library: it notices far more damage than
 * decompressors that trust their input.
 *
 * @param length how many they are; no more are asked for, whatever the frame says
 * @throws where the page is damaged, or has another length
 */
export function zstdDecompress(page: Uint8Array, length: number): Uint8Array {
  if (zstd === undefined) throw new Error("zstd must be prepared before it is used");
  const content = frameContent(page);
  if (content !== undefined && content !== length) {
    throw new Error(`a zstd page holds ${content} bytes where ${length} are said to be`);
  }
  try {
    return zstd.decompress(page, { defaultHeapSize: length });
  } catch (error) {
    throw new Error("its zstd data is damaged", { cause: error });
  }
}
