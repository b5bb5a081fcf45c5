import type { Compression } from "./compression.js";
import { prepareCompression } from "./compression.js";
import type { ShardEntry } from "./manifest.js";
import { writeShardFile } from "./shard-file.js";
import { recordBatchRows, type ShardDescription, type ShardFormat } from "./shard-format.js";
import { openShard, type ShardReader, type ShardSource } from "./shard-reader.js";

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
}

/** Reads rows and writes them as one shard, a record batch at a time. */
export async function convertShard(task: ConvertTask): Promise<ShardEntry> {
  const { description, sources, pieces } = task;
  const { features } = description.spec;
  await prepareCompression(task.compression);
  const batch = Math.min(recordBatchRows(features), description.rows);
  const x = new Float32Array(batch * features);
  const y = new Float32Array(batch);
  let reader: { source: number; reader: ShardReader } | undefined;
  try {
    return await writeShardFile(
      task.file,
      task.format,
      task.compression,
      description,
      async (writer) => {
        let filled = 0;
        for (const { source, first, rows } of pieces) {
          if (reader?.source !== source) {
            reader?.reader.close();
            reader = { source, reader: await openShard(sources[source]!) };
          }
          for (let done = 0; done < rows;) {
            const count = Math.min(rows - done, batch - filled);
            await reader.reader.read(first + done, count, { x, y }, filled);
            done += count;
            filled += count;
            if (filled < batch) continue;
            writer.append(x, y, filled);
            filled = 0;
          }
        }
        if (filled > 0) {
          writer.append(x.subarray(0, filled * features), y.subarray(0, filled), filled);
        }
      },
    );
  } finally {
    reader?.reader.close();
  }
}
