import type { Table } from "./table.js";
import path from "node:path";

/**
 * A table whose shards are checked, each once, before their first rows are used. It may be a part of a
 * dataset, with fewer shards than the manifest names.
 *
 * @returns undefined where nothing says what the files hash to
 */
export function withChecksums(table: Table): Table | undefined {
  const { path: folder, manifest } = table;
  const sums = new Map(
    manifest.shards.map(({ file, sha256 }) => [path.join(folder, file), sha256]),
  );
  const states = new SharedArrayBuffer(4 * table.shards.length);
  const shards = table.shards.flatMap((shard, index) => {
    const sha256 = sums.get(shard.file);
    return sha256 === undefined ? [] : [{ ...shard, checksum: { sha256, states, index } }];
  });
  return shards.length === table.shards.length ? { ...table, shards } : undefined;
}
