import { rm } from "node:fs/promises";
import path from "node:path";
import { TEMPORARY_SUFFIX } from "../../files/system/flush.js";
import type { RowSpec } from "../../generate/index.js";
import { COMPRESSIONS, type Compression } from "../format/compression.js";
import type { Manifest, ShardEntry, SyntheticManifest } from "../format/manifest.js";
import type { ShardPool } from "../dataset/shard-pool.js";

/** What the shards of a dataset are generated again from. */
export interface Regeneration {
  folder: string;
  manifest: SyntheticManifest;
  row: RowSpec;
  maxima: [number, number] | undefined;
  pool: ShardPool;
  signal: AbortSignal | undefined;
}

/**
 * Generates a shard again, under its temporary name, from what the manifest says.
 *
 * @param use is called with the new file if it has the manifest's hash; the file is removed afterwards
 * @returns whether it has
 */
export async function regenerateShard(
  { folder, manifest, row, maxima, pool, signal }: Regeneration,
  shard: number,
  use: (made: string) => Promise<void>,
): Promise<boolean> {
  const { file, rows, sha256 } = manifest.shards[shard] as ShardEntry;
  const firstRow = manifest.shards.slice(0, shard).reduce((sum, entry) => sum + entry.rows, 0);
  const { format, generator } = manifest;
  const target = path.join(folder, file);
  const made = `${target}${TEMPORARY_SUFFIX}`;
  const description = {
    spec: row,
    firstRow,
    rows,
    ...(maxima !== undefined && { maxima }),
    generator,
  };
  try {
    for (const compression of compressionsOf(manifest)) {
      await removeTemporary(target);
      const entry = await pool.write({ file: made, format, compression, description }, signal);
      if (entry.sha256 !== sha256) continue;
      await use(made);
      return true;
    }
    return false;
  } finally {
    await removeTemporary(target);
  }
}

/**
 * Removes the file that has a shard's temporary name. In a stranger's folder it could be a link to another
 * file, which must not be written to.
 */
export async function removeTemporary(file: string): Promise<void> {
  await rm(`${file}${TEMPORARY_SUFFIX}`, { force: true });
}

/** The compressions that a dataset's shards may have; manifests of the first version do not name theirs. */
function compressionsOf({ format, compression }: Manifest): readonly Compression[] {
  if (compression !== undefined) return [compression];
  return format === "arrow" ? ["none"] : COMPRESSIONS;
}
