import { crc32 } from "node:zlib";
import { failure } from "../../common/errors.js";
import type { Compression } from "../format/compression.js";
import { prepareCompression } from "../format/compression.js";
import type { ShardEntry } from "../format/manifest.js";
import { measureRounding, mergeRounding, type ColumnRounding } from "../format/column-rounding.js";
import { writeShardFile, type AppendRows } from "../dataset/shard-file.js";
import {
  recordBatchRows,
  type ShardDescription,
  type ShardFormat,
} from "../format/shard-format.js";
import type { ShardReader, ShardSource } from "../format/types.js";
import { openShard } from "../reading/shard-reader.js";

/** Rows of sources, which become a shard. */
export interface ConvertTask {
  type: "convert";
  file: string;
  format: ShardFormat;
  compression: Compression;
  description: ShardDescription;
  sources: ShardSource[];
  /** Rows first … first+rows−1 of sources, one piece after the other. */
  pieces: { source: number; first: number; rows: number }[];
  /** Whether the sources have float64 values, whose rounding to float32 is measured. */
  float64: boolean;
}

/** A shard that was converted. */
export interface ConvertedShard {
  shard: ShardEntry;
  /** Of each column, the target's last; only of float64 sources. */
  rounding?: ColumnRounding[];
}

/** Reads rows and writes them as one shard, a record batch at a time. */
export async function convertShard(task: ConvertTask): Promise<ConvertedShard> {
  const { description, sources, pieces } = task;
  const { features } = description.spec;
  await prepareCompression(task.compression);
  const batch = Math.min(recordBatchRows(features), description.rows);
  const x = new Float32Array(batch * features);
  const y = new Float32Array(batch);
  const exact = task.float64
    ? { x: new Float64Array(x.length), y: new Float64Array(batch) }
    : undefined;
  let rounding: ColumnRounding[] | undefined;
  let checksum = 0;
  const appendRows = async (rows: number, append: AppendRows): Promise<void> => {
    if (exact !== undefined) {
      const measured = measureRounding(exact.x, exact.y, rows, features);
      rounding = rounding === undefined ? measured : mergeRounding(rounding, measured);
      x.set(exact.x);
      y.set(exact.y);
    }
    const values = { x: x.subarray(0, rows * features), y: y.subarray(0, rows) };
    checksum = addChecksum(checksum, values);
    await append(values.x, values.y, rows);
  };
  let reader: { source: number; reader: ShardReader } | undefined;
  try {
    const shard = await writeShardFile(
      task.file,
      task.format,
      task.compression,
      description,
      async (append) => {
        let filled = 0;
        for (const { source, first, rows } of pieces) {
          if (reader?.source !== source) {
            reader?.reader.close();
            reader = { source, reader: await openShard(sources[source]!) };
          }
          for (let done = 0; done < rows;) {
            const count = Math.min(rows - done, batch - filled);
            await reader.reader.read(first + done, count, exact ?? { x, y }, filled);
            done += count;
            filled += count;
            if (filled < batch) continue;
            await appendRows(filled, append);
            filled = 0;
          }
        }
        if (filled > 0) await appendRows(filled, append);
      },
    );
    await compare(task, { x, y }, batch, checksum);
    return { shard, ...(rounding && { rounding }) };
  } finally {
    reader?.reader.close();
  }
}

/** The CRC-32 of some rows behind others. */
function addChecksum(checksum: number, { x, y }: { x: Float32Array; y: Float32Array }): number {
  return crc32(bytesOf(y), crc32(bytesOf(x), checksum));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Reads the finished shard back, and throws a failure where its values are not those that were written. */
async function compare(
  { file, format, description }: ConvertTask,
  { x, y }: { x: Float32Array; y: Float32Array },
  batch: number,
  checksum: number,
): Promise<void> {
  const { rows, spec } = description;
  const { features } = spec;
  const written = await openShard({ file, format, rows, features });
  try {
    let found = 0;
    for (let first = 0; first < rows; first += batch) {
      const count = Math.min(batch, rows - first);
      await written.read(first, count, { x, y }, 0);
      const values = { x: x.subarray(0, count * features), y: y.subarray(0, count) };
      found = addChecksum(found, values);
    }
    if (found !== checksum) {
      throw failure(`${file} does not read back as it was written; is the disk or memory damaged?`);
    }
  } finally {
    written.close();
  }
}
