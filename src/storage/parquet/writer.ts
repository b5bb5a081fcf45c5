import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import { shardColumns } from "../format/columns.js";
import { zstdCompress, type Compression } from "../format/compression.js";
import type { ByteSink, ShardWriter } from "../format/shard-format.js";
import { columnBuffer } from "./column-buffer.js";
import {
  createFooterWriter,
  pageHeader,
  PARQUET_MAGIC,
  type WrittenChunk,
} from "./metadata-writer.js";

const COMPRESSORS: Readonly<Record<"snappy" | "zstd", (page: Uint8Array) => Uint8Array>> = {
  snappy: snappyCompress,
  zstd: zstdCompress,
};

/**
 * Creates a writer of a Parquet file with a required FLOAT column for each feature and for `y`. Values
 * are plain-encoded. Each `append` writes a row group with statistics; each column chunk is a single
 * page, so that rows of an uncompressed file can be read without decoding.
 */
export function createParquetWriter(
  features: number,
  metadata: readonly (readonly [string, string])[],
  compression: Compression,
  createdBy: string,
  sink: ByteSink,
): ShardWriter {
  const names = shardColumns(features);
  const footer = createFooterWriter(names, metadata, compression, createdBy);
  const columns = columnBuffer(features);
  let position = 0;
  const put = (bytes: Uint8Array): void => {
    sink(bytes);
    position += bytes.length;
  };

  /** Writes all columns at once: each has its header before it already. */
  const putPlain = (bytes: Uint8Array): ChunkSize[] => {
    const size = bytes.length / names.length;
    const chunks = names.map((_, column) => ({
      offset: position + column * size,
      compressedBytes: size,
      uncompressedBytes: size,
    }));
    put(bytes);
    return chunks;
  };

  const putCompressed = (
    bytes: Uint8Array,
    rows: number,
    compress: (page: Uint8Array) => Uint8Array,
  ): ChunkSize[] =>
    names.map((_, column) => {
      const page = compress(bytes.subarray(column * rows * 4, (column + 1) * rows * 4));
      const header = pageHeader(rows, rows * 4, page.length);
      const chunk = {
        offset: position,
        compressedBytes: header.length + page.length,
        uncompressedBytes: header.length + rows * 4,
      };
      put(header);
      put(page);
      return chunk;
    });

  put(PARQUET_MAGIC);
  return {
    append(x, y, rows) {
      const isPlain = compression === "none";
      const header = isPlain ? pageHeader(rows, rows * 4, rows * 4) : new Uint8Array(0);
      const { bytes, extremes } = columns.fill(x, y, rows, header);
      const sizes = isPlain
        ? putPlain(bytes)
        : putCompressed(bytes, rows, COMPRESSORS[compression]);
      footer.addRowGroup(
        rows,
        names.map((name, column) => ({
          name,
          ...sizes[column]!,
          ...extremesOf(extremes[2 * column]!, extremes[2 * column + 1]!),
        })),
      );
    },
    finish() {
      put(footer.finish());
    },
  };
}

type ChunkSize = Pick<WrittenChunk, "offset" | "compressedBytes" | "uncompressedBytes">;

/** The statistics of a column; none if all its values are NaN. Zeros of either sign are equal, so −0 … +0. */
function extremesOf(least: number, most: number): Pick<WrittenChunk, "least" | "most"> {
  if (!(least <= most)) return { least: undefined, most: undefined };
  return { least: least === 0 ? -0 : least, most: most === 0 ? 0 : most };
}
