import { lstat, rename } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode, throwIfAborted, VadiError } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { VERSION } from "../../common/version.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { syncFile, syncFolder } from "../../files/system/flush.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import { lockFolder } from "../../files/lock.js";
import { type RowSpec } from "../../generate/index.js";
import { checkRowSpec } from "../../generate/options.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import type { Manifest } from "../format/manifest.js";
import { maximumShardRows, shardFile } from "../format/shard-format.js";
import { notRepaired, type ShardStatus } from "./check-shard.js";
import { removeTemporary, regenerateShard, type Regeneration } from "./regenerate-shard.js";
import { repairChecksums } from "./repair-checksums.js";
import type { ShardPool } from "../dataset/shard-pool.js";

/** A dataset to repair. */
export interface RepairJob {
  folder: string;
  manifest: Manifest;
  /** Hex SHA-256 of the manifest's text. */
  fingerprint: string;
  pool: ShardPool;
  options: { signal?: AbortSignal; onProgress?: OnProgress };
}

/**
 * Repairs a dataset: generates damaged and missing shards again from what the manifest says, and
 * writes the checksums again where they are wrong or missing. A new shard replaces the old one only if
 * its hash is the manifest's; nothing else in the folder is touched. The pool is closed in the end.
 *
 * @param found what verification found: the shards in the manifest's order, then other files
 * @returns the same, with what was repaired, or why it could not be
 * @throws a failure where the folder cannot be written, an interruption
 */
export async function repairDataset(
  job: RepairJob,
  found: readonly ShardStatus[],
): Promise<ShardStatus[]> {
  const { folder, manifest, pool } = job;
  if (manifest.kind === "table") {
    return leave(found, "it was converted from a table; run 'vadi convert' on that table again");
  }
  const { kind, features, noise, seed } = manifest;
  const row = { kind, features, noise, seed };
  const obstacle = obstacleOf(manifest, row);
  if (obstacle !== undefined) return leave(found, obstacle);
  const maxima = manifest.kind === "lsm" ? undefined : manifest.constants.maxima;
  const { signal } = job.options;
  const regeneration = { folder, manifest, row, maxima, pool, signal };
  const count = manifest.shards.length;
  try {
    const unlock = lockFolder(folder);
    try {
      const shards = await repairShards(job, regeneration, found.slice(0, count));
      const others = await repairChecksums(
        regeneration,
        job.fingerprint,
        shards,
        found.slice(count),
      );
      return [...shards, ...others];
    } finally {
      // Only once its thread has stopped is the file of an interrupted shard final.
      try {
        await pool.close();
        for (const { file } of manifest.shards) await removeTemporary(path.join(folder, file));
      } finally {
        unlock();
      }
    }
  } catch (error) {
    if (error instanceof VadiError || systemCode(error) === undefined) throw error;
    throw failure(`${folder} could not be repaired: ${messageOf(error)}.`, error);
  }
}

/** The same findings, with the reason why nothing can be repaired. */
function leave(found: readonly ShardStatus[], obstacle: string): ShardStatus[] {
  return found.map((file) =>
    file.status === "ok" || file.status === "extra" ? file : notRepaired(file, obstacle),
  );
}

/** Why none of a dataset's shards can be generated again; undefined where they can. */
function obstacleOf(manifest: Manifest, row: RowSpec): string | undefined {
  const { generator, features, format, shards } = manifest;
  if (generator.name !== "vadi") return `it was made by '${generator.name}', not by vadi`;
  try {
    checkRowSpec(row);
  } catch (error) {
    return `its manifest cannot be right: ${messageOf(error)}`;
  }
  // A stranger's manifest must not make vadi replace any file, or write one of any size.
  const foreign = shards.find(({ file }, shard) => file !== shardFile(shard, format));
  if (foreign !== undefined) return `vadi makes no shard named '${foreign.file}' in that place`;
  const tooLarge = shards.find(({ rows }) => rows > maximumShardRows(features));
  if (tooLarge !== undefined) {
    return `vadi does not make shards of ${tooLarge.rows} rows, such as ${tooLarge.file}`;
  }
  return undefined;
}

async function repairShards(
  { folder, options: { signal, onProgress } }: RepairJob,
  regeneration: Regeneration,
  found: readonly ShardStatus[],
): Promise<ShardStatus[]> {
  const { manifest, pool } = regeneration;
  const bytesOf = (shard: number): number => manifest.shards[shard]?.bytes ?? 0;
  const wrong = [...found.entries()].filter(([, { status }]) => status !== "ok");
  if (wrong.length === 0) return [...found];
  const total = wrong.reduce((sum, [shard]) => sum + bytesOf(shard), 0);
  await checkFreeSpace(folder, Math.min(spaceFor(wrong, bytesOf, pool.threads), total), {
    what: "The repair",
  });
  const result = [...found];
  let done = 0;
  await forEachLimited(wrong, pool.threads, async ([shard, status]) => {
    throwIfAborted(signal);
    result[shard] = await repairShard(regeneration, shard, status);
    done += bytesOf(shard);
    onProgress?.({ phase: "repairing", done, total, unit: "bytes" });
  });
  return result;
}

/** Bytes that a repair needs: a missing shard adds its size, a damaged one stays until the new one is complete. */
function spaceFor(
  wrong: readonly [shard: number, status: ShardStatus][],
  bytesOf: (shard: number) => number,
  threads: number,
): number {
  const largest = Math.max(0, ...wrong.map(([shard]) => bytesOf(shard)));
  return wrong.reduce(
    (sum, [shard, { status }]) => (status === "missing" ? sum + bytesOf(shard) : sum),
    threads * largest,
  );
}

async function repairShard(
  regeneration: Regeneration,
  shard: number,
  found: ShardStatus,
): Promise<ShardStatus> {
  const { folder, manifest } = regeneration;
  const target = path.join(folder, found.file);
  const old = await lstat(target).catch(() => undefined);
  if (old?.isDirectory() === true) {
    return notRepaired(found, "a folder has its name; move it away");
  }
  const isRight = await regenerateShard(regeneration, shard, async (made) => {
    await syncFile(made);
    await rename(made, target);
    await syncFolder(folder);
  });
  if (isRight) return { ...found, repaired: true };
  const { version } = manifest.generator;
  return notRepaired(
    found,
    version === VERSION
      ? `made again, its SHA-256 differs from the manifest's, so ${MANIFEST_FILE} itself is damaged`
      : `the dataset was made by vadi ${version}, and vadi ${VERSION} makes other bytes; repair it with that version`,
  );
}
