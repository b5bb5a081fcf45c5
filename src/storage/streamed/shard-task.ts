import { checkWritten } from "../dataset/check-written.js";
import { writeShardFile, writtenShard, type WrittenShard } from "../dataset/shard-file.js";
import { GENERATOR } from "../dataset/write-manifest.js";
import { measureRounding, mergeRounding, type ColumnRounding } from "../format/column-rounding.js";
import type { ColumnNames } from "../format/columns.js";
import { prepareCompression, type Compression } from "../format/compression.js";
import { recordBatchRows, type ShardFormat } from "../format/shard-format.js";
import type { Floats } from "../format/types.js";

/** A shard to write. */
export interface ShardTask {
  file: string;
  format: ShardFormat;
  compression: Compression;
  columns: ColumnNames;
  /** Number of its first row in the dataset. */
  firstRow: number;
}

/** The rows of one record batch. */
export interface RowBatch {
  /** Rows × D, row-major. */
  x: Floats;
  y: Floats;
  rows: number;
}

/** Writes record batches as one shard, under a temporary name, and reads it back to compare. */
export async function writeBatches(
  { file, format, compression, columns, firstRow }: ShardTask,
  batches: AsyncIterable<RowBatch> | Iterable<RowBatch>,
): Promise<WrittenShard> {
  await prepareCompression(compression);
  const features = columns.features.length;
  const batchRows = recordBatchRows(features);
  const x = new Float32Array(batchRows * features);
  const y = new Float32Array(batchRows);
  const spec = { kind: "table", features, columns } as const;
  const description = { spec, firstRow, rows: 0, generator: GENERATOR };
  let rounding: ColumnRounding[] | undefined;
  const check = checkWritten(file, format, compression, features);
  const entry = await writeShardFile(file, format, compression, description, async (append) => {
    for await (const { x: wideX, y: wideY, rows } of batches) {
      if (wideX instanceof Float64Array && wideY instanceof Float64Array) {
        const measured = measureRounding(wideX, wideY, rows, features);
        rounding = rounding === undefined ? measured : mergeRounding(rounding, measured);
      }
      x.set(wideX);
      y.set(wideY);
      const batch = { x: x.subarray(0, rows * features), y: y.subarray(0, rows) };
      check.add(batch);
      await append(batch.x, batch.y, rows);
      description.rows += rows;
    }
  });
  const written = { ...entry, rows: description.rows };
  await check.finish(written);
  return writtenShard(written, rounding);
}
