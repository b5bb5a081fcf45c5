import { createHash } from "node:crypto";
import {
  openShard,
  openSource,
  type SourceOptions,
  type Table,
} from "../../../src/storage/index.js";

/** Rows that are read at most: what a damaged file claims is not allocated before it has been read. */
const MOST_VALUES = 100_000;

/** Opens files as a table and reads rows of each, up to a bound. */
export async function readFiles(source: string, options: SourceOptions = {}): Promise<string> {
  return readRows(await openSource(source, options));
}

/** Reads rows of each shard of a table, up to a bound. */
export async function readRows({ rows, features, shards }: Table): Promise<string> {
  const hash = createHash("sha256");
  for (const shard of shards) {
    const reader = await openShard(shard);
    try {
      const count = Math.min(reader.rows, Math.floor(MOST_VALUES / features));
      const target = { x: new Float64Array(count * features), y: new Float64Array(count) };
      await reader.read(0, count, target, 0);
      hash.update(target.x).update(target.y);
    } finally {
      reader.close();
    }
  }
  return `${rows} rows of ${features} features: ${hash.digest("hex")}`;
}
