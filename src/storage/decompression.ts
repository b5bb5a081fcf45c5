import { compressors } from "hyparquet-compressors";
import { recordBatchRows } from "./shard-format.js";

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
