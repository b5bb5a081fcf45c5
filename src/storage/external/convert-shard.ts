import type { Compression } from "../format/compression.js";
import { prepareCompression } from "../format/compression.js";
import { measureRounding, mergeRounding, type ColumnRounding } from "../format/column-rounding.js";
import { checkWritten, type FloatRows } from "../dataset/check-written.js";
import { writeShardFile, writtenShard, type WrittenShard } from "../dataset/shard-file.js";
import {
  recordBatchRows,
  type ShardDescription,
  type ShardFormat,
} from "../format/shard-format.js";
import type { RowTarget, ShardSource } from "../format/types.js";
import { openShard } from "../reading/shard-reader.js";

/** A shard to write. */
export interface ConvertTask {
  type: "convert";
  file: string;
  format: ShardFormat;
  compression: Compression;
  description: ShardDescription;
  /** The rows of the shard: rows first … first+rows−1 of each source, in order. */
  ranges: { source: ShardSource; first: number; rows: number }[];
  /** Whether the sources have float64 values, whose rounding to float32 is measured. */
  float64: boolean;
}

/** Reads rows, writes them as one shard, a record batch at a time, and reads the shard back to compare. */
export async function convertShard(task: ConvertTask): Promise<WrittenShard> {
  const { file, format, compression, description } = task;
  const { features } = description.spec;
  await prepareCompression(compression);
  const batchRows = Math.min(recordBatchRows(features), description.rows);
  const batch = { x: new Float32Array(batchRows * features), y: new Float32Array(batchRows) };
  const exact = task.float64
    ? { x: new Float64Array(batch.x.length), y: new Float64Array(batchRows) }
    : undefined;
  let rounding: ColumnRounding[] | undefined;
  const check = checkWritten(file, format, compression, features);
  const shard = await writeShardFile(file, format, compression, description, async (append) => {
    for await (const rows of readBatches(task, exact ?? batch, batchRows)) {
      if (exact !== undefined) {
        const measured = measureRounding(exact.x, exact.y, rows, features);
        rounding = rounding === undefined ? measured : mergeRounding(rounding, measured);
        batch.x.set(exact.x);
        batch.y.set(exact.y);
      }
      const { x, y } = firstRows(batch, rows, features);
      check.add({ x, y });
      await append(x, y, rows);
    }
  });
  await check.finish(shard);
  return writtenShard(shard, rounding);
}

/**
 * Reads all rows of a task into `target`, up to `batchRows` at a time.
 *
 * @yields the number of rows that were read
 */
async function* readBatches(
  { ranges }: ConvertTask,
  target: RowTarget,
  batchRows: number,
): AsyncGenerator<number> {
  let filled = 0;
  for (const { source, first, rows } of ranges) {
    const reader = await openShard(source);
    try {
      for (let done = 0; done < rows;) {
        const count = Math.min(rows - done, batchRows - filled);
        await reader.read(first + done, count, target, filled);
        done += count;
        filled += count;
        if (filled < batchRows) continue;
        yield filled;
        filled = 0;
      }
    } finally {
      reader.close();
    }
  }
  if (filled > 0) yield filled;
}

function firstRows({ x, y }: FloatRows, rows: number, features: number): FloatRows {
  return { x: x.subarray(0, rows * features), y: y.subarray(0, rows) };
}
