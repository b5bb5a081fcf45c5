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

/** zstd's default level. The bytes of datasets depend on it. */
const ZSTD_LEVEL = 3;

let zstd: typeof ZstdModule | undefined;

/** Loads the library of a compression. Every thread calls it before it compresses or decompresses. */
export async function prepareCompression(compression: Compression): Promise<void> {
  if (compression !== "zstd" || zstd !== undefined) return;
  const loaded = await import("@bokuweb/zstd-wasm");
  await loaded.init();
  zstd = loaded;
}

/** Compresses a page to a zstd frame (RFC 8878). */
export function zstdCompress(page: Uint8Array): Uint8Array {
  if (zstd === undefined) throw new Error("zstd must be prepared before it is used");
  return zstd.compress(page, ZSTD_LEVEL);
}

/** The first four bytes of a zstd frame. */
const FRAME_MAGIC = 0xfd2fb528;

/** The content size that a zstd frame says it has. */
export function zstdContent(frame: Uint8Array): number {
  const content = frameContent(frame);
  if (content === undefined) throw new Error("a zstd frame does not say how long its content is");
  return content;
}

/** The content size in a zstd frame's header; undefined where it is absent (RFC 8878, section 3.1.1.1). */
function frameContent(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== FRAME_MAGIC) {
    throw new Error("its data does not start with a zstd frame");
  }
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 32) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  const bytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  if (at + bytes > frame.length) throw new Error("a zstd frame is cut");
  if (bytes === 8) return Number(view.getBigUint64(at, true));
  if (bytes === 4) return view.getUint32(at, true);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 1 ? view.getUint8(at) : undefined;
}

/**
 * Decompresses a page or buffer that is one zstd frame, with zstd's own library, which detects far more
 * damage than other decompressors.
 *
 * @param length of the content; the frame cannot make the library allocate more
 * @throws if the frame is damaged or has another length
 */
export function zstdDecompress(page: Uint8Array, length: number): Uint8Array {
  if (zstd === undefined) throw new Error("zstd must be prepared before it is used");
  const content = frameContent(page);
  if (content !== undefined && content !== length) {
    throw new Error(`a zstd frame holds ${content} bytes instead of ${length}`);
  }
  try {
    return zstd.decompress(page, { defaultHeapSize: length });
  } catch (error) {
    throw new Error("its zstd data is damaged", { cause: error });
  }
}
