import { checkWritten, type FloatRows } from "../dataset/check-written.js";
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
  const narrowed = createNarrowing(recordBatchRows(features), features);
  const spec = { kind: "table", features, columns } as const;
  const description = { spec, firstRow, rows: 0, generator: GENERATOR };
  let rounding: ColumnRounding[] | undefined;
  const check = checkWritten(file, format, compression, features);
  const entry = await writeShardFile(file, format, compression, description, async (append) => {
    for await (const given of batches) {
      const { x, y, rows } = given;
      if (x instanceof Float64Array && y instanceof Float64Array) {
        const measured = measureRounding(x, y, rows, features);
        rounding = rounding === undefined ? measured : mergeRounding(rounding, measured);
      }
      const batch = narrowed(given);
      check.add(batch);
      await append(batch.x, batch.y, rows);
      description.rows += rows;
    }
  });
  const written = { ...entry, rows: description.rows };
  await check.finish(written);
  return writtenShard(written, rounding);
}

/** Rows of float64 as float32, in arrays that are used again; rows of float32 as they are. */
function createNarrowing(most: number, features: number): (batch: RowBatch) => FloatRows {
  let narrow: FloatRows | undefined;
  return ({ x, y, rows }) => {
    if (x instanceof Float32Array && y instanceof Float32Array) return { x, y };
    narrow ??= { x: new Float32Array(most * features), y: new Float32Array(most) };
    narrow.x.set(x);
    narrow.y.set(y);
    return { x: narrow.x.subarray(0, rows * features), y: narrow.y.subarray(0, rows) };
  };
}
