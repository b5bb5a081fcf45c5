import { openKernel } from "../../common/kernel.js";
import { recordBatchRows, rowBytes } from "../format/shard-format.js";

/** Bytes of rows that the kernel transposes at once: few enough for a core's cache. */
const TILE_BYTES = 256 * 1024;
/** A page header has some 30 bytes. */
const HEADER_BYTES = 64;

/** A row group as columns in the kernel's memory. */
export interface ColumnBuffer {
  /**
   * Turns rows into columns.
   *
   * @param header is put before every column
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
  const tileRows = Math.max(4, Math.floor(TILE_BYTES / (features * 4)) & ~3);
  const columns = features + 1;
  const [tile = 0, extremes = 0, group = 0] = kernel.allocate([
    tileRows * features * 4,
    columns * 8,
    recordBatchRows(features) * rowBytes(features) + columns * HEADER_BYTES,
  ]);
  return {
    fill(x, y, rows, header) {
      const { buffer } = functions.memory;
      const stride = header.length + rows * 4;
      const first = group + header.length;
      const input = new Float32Array(buffer, tile, tileRows * features);
      for (let done = 0; done < rows; done += tileRows) {
        const count = Math.min(tileRows, rows - done);
        input.set(x.subarray(done * features, (done + count) * features));
        functions.transpose(tile, count, features, first + done * 4, stride);
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

/** The last buffer, for the next shard of the same width. */
let kept: { features: number; buffer: ColumnBuffer } | undefined;

/** A buffer for rows of D features. */
export function columnBuffer(features: number): ColumnBuffer {
  if (kept?.features !== features) kept = { features, buffer: createColumnBuffer(features) };
  return kept.buffer;
}
