import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import { openKernel } from "../../common/kernel.js";
import { shardColumns } from "../format/columns.js";
import { zstdCompress, type Compression } from "../format/compression.js";
import {
  createFooterWriter,
  pageHeader,
  PARQUET_MAGIC,
  type ColumnChunk,
} from "./metadata-writer.js";
import {
  recordBatchRows,
  rowBytes,
  type ByteSink,
  type ShardWriter,
} from "../format/shard-format.js";

/** Rows are handed to the kernel in pieces of about this size, which stay in a core's cache. */
const PIECE_BYTES = 256 * 1024;
/** A page header has some 30 bytes. */
const HEADER_BYTES = 64;

const COMPRESSORS: Readonly<Record<"snappy" | "zstd", (page: Uint8Array) => Uint8Array>> = {
  snappy: snappyCompress,
  zstd: zstdCompress,
};

/** Row groups as columns in the kernel's memory, each behind room for its page's header. */
interface ColumnBuffer {
  /**
   * Turns rows into columns.
   *
   * @param header stands before every column
   * @returns the columns one after the other, and the least and the largest value of each; valid
   *   until the next call
   */
  fill(
    x: Float32Array,
    y: Float32Array,
    rows: number,
    header: Uint8Array,
  ): { bytes: Uint8Array; extremes: Float32Array };
}

function createColumnBuffer(features: number): ColumnBuffer {
  const kernel = openKernel("columns");
  const { functions } = kernel;
  const pieceRows = Math.max(4, Math.floor(PIECE_BYTES / (features * 4)) & ~3);
  const columns = features + 1;
  const [piece = 0, extremes = 0, group = 0] = kernel.allocate([
    pieceRows * features * 4,
    columns * 8,
    recordBatchRows(features) * rowBytes(features) + columns * HEADER_BYTES,
  ]);
  return {
    fill(x, y, rows, header) {
      const { buffer } = functions.memory;
      const stride = header.length + rows * 4;
      const first = group + header.length;
      const input = new Float32Array(buffer, piece, pieceRows * features);
      for (let done = 0; done < rows; done += pieceRows) {
        const count = Math.min(pieceRows, rows - done);
        input.set(x.subarray(done * features, (done + count) * features));
        functions.transpose(piece, count, features, first + done * 4, stride);
      }
      const bytes = new Uint8Array(buffer, group, columns * stride);
      bytes.set(
        new Uint8Array(y.buffer, y.byteOffset, rows * 4),
        features * stride + header.length,
      );
      for (let column = 0; column < columns; column++) bytes.set(header, column * stride);
      functions.extremes(first, columns, rows, stride, extremes);
      return { bytes, extremes: new Float32Array(buffer, extremes, columns * 2) };
    },
  };
}

/** Column buffers are kept from one shard to the next of the same width. */
let kept: { features: number; buffer: ColumnBuffer } | undefined;

function columnBuffer(features: number): ColumnBuffer {
  if (kept?.features !== features) kept = { features, buffer: createColumnBuffer(features) };
  return kept.buffer;
}

/**
 * A writer of a Parquet file with one required FLOAT column a feature and `y`, plain-encoded, one
 * row group an `append`, with row-group statistics. Each column chunk is a single page, so that an
 * uncompressed one can be read from any row on.
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
  put(PARQUET_MAGIC);
  return {
    append(x, y, rows) {
      const valueBytes = rows * 4;
      const plainHeader = pageHeader(rows, valueBytes, valueBytes);
      const header = compression === "none" ? plainHeader : plainHeader.subarray(0, 0);
      const { bytes, extremes } = columns.fill(x, y, rows, header);
      const stride = header.length + valueBytes;
      const chunks = names.map((name, column): ColumnChunk => {
        const least = extremes[2 * column] ?? NaN;
        const most = extremes[2 * column + 1] ?? NaN;
        const isNumber = least <= most;
        return {
          name,
          offset: position + column * stride,
          compressedBytes: stride,
          uncompressedBytes: stride,
          // Zeros of either sign are equal, and the statistics must hold for both.
          least: isNumber ? (least === 0 ? -0 : least) : undefined,
          most: isNumber ? (most === 0 ? 0 : most) : undefined,
        };
      });
      if (compression === "none") put(bytes);
      else {
        for (const [column, chunk] of chunks.entries()) {
          const values = bytes.subarray(column * stride, (column + 1) * stride);
          const page = COMPRESSORS[compression](values);
          const own = pageHeader(rows, valueBytes, page.length);
          chunk.offset = position;
          chunk.compressedBytes = own.length + page.length;
          chunk.uncompressedBytes = own.length + valueBytes;
          put(own);
          put(page);
        }
      }
      footer.addRowGroup(rows, chunks);
    },
    finish() {
      put(footer.finish());
    },
  };
}
