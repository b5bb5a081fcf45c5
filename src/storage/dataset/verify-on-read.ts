import { locationIn } from "../format/location.js";
import type { Table } from "./open-table.js";

/**
 * A table whose readers check each shard's SHA-256 once, before they use its first rows. The table may have
 * fewer shards than the manifest names.
 *
 * @returns undefined where the manifest does not name the files' hashes
 */
export function withChecksums(table: Table): Table | undefined {
  const { path: folder, manifest } = table;
  const sums = new Map(
    manifest.shards.map(({ file, sha256 }) => [locationIn(folder, file), sha256]),
  );
  const states = new SharedArrayBuffer(4 * table.shards.length);
  const shards = table.shards.flatMap((shard, index) => {
    const sha256 = sums.get(shard.file);
    return sha256 === undefined ? [] : [{ ...shard, checksum: { sha256, states, index } }];
  });
  return shards.length === table.shards.length ? { ...table, shards } : undefined;
}
