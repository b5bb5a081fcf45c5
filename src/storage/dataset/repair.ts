import { lstat, rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode, throwIfAborted, VadiError } from "../../common/errors.js";
import { checkFreeSpace } from "../../files/free-space.js";
import type { OnProgress } from "../../common/progress.js";
import { VERSION } from "../../common/version.js";
import { forEachLimited, type WorkerPool } from "../../common/worker-pool.js";
import { checkRowSpec, type RowSpec } from "../../generate/index.js";
import { syncFile, TEMPORARY_SUFFIX, writeFileAtomic } from "../../files/atomic.js";
import { COMPRESSIONS, type Compression } from "../format/compression.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../format/file-names.js";
import { buildManifest, checksumsText } from "./finish-dataset.js";
import { hashBytes } from "../../files/hash.js";
import { lockFolder } from "../../files/lock.js";
import type { ShardEntry, SyntheticManifest, Manifest } from "../format/manifest.js";
import { maximumShardRows, shardFile } from "../format/shard-format.js";
import type { ShardTask, ShardTaskResult } from "./shard-worker.js";
import type { ShardStatus } from "./shard-status.js";

/** What is to be repaired, and with what. */
export interface RepairJob {
  folder: string;
  manifest: Manifest;
  /** Hex SHA-256 of the manifest's text. */
  fingerprint: string;
  pool: WorkerPool<ShardTask, ShardTaskResult>;
  options: { signal?: AbortSignal; onProgress?: OnProgress };
}

/** A job with what its manifest says of the rows. */
interface Repair extends RepairJob {
  manifest: SyntheticManifest;
  row: RowSpec;
  maxima: [number, number] | undefined;
}

const notRepaired = (found: ShardStatus, why: string): ShardStatus => ({
  ...found,
  reason: `${found.reason ?? found.status}; not repaired: ${why}`,
});

/**
 * Generates damaged and missing shards again from what the manifest says of them, and writes the
 * checksums again where they are wrong or missing. A shard takes the place of the old one only where
 * its hash is the manifest's; nothing else in the folder is touched. The pool is closed in the end.
 *
 * @param found what verification found
 * @returns the same, with what was repaired, or why it could not be
 * @throws a failure where the folder cannot be written, an interruption
 */
export async function repairFiles(
  job: RepairJob,
  found: readonly ShardStatus[],
): Promise<ShardStatus[]> {
  const { folder, manifest, pool } = job;
  const notGenerated = (obstacle: string): ShardStatus[] =>
    found.map((file) =>
      file.status === "ok" || file.status === "extra" ? file : notRepaired(file, obstacle),
    );
  if (manifest.kind === "table") {
    return notGenerated("it was converted from a table; run 'vadi convert' on that table again");
  }
  const { kind, features, noise, seed } = manifest;
  const row = { kind, features, noise, seed };
  const obstacle = whyNotGenerated(manifest, row);
  if (obstacle !== undefined) return notGenerated(obstacle);
  const maxima = manifest.kind === "lsm" ? undefined : manifest.constants.maxima;
  const repair = { ...job, manifest, row, maxima };
  const count = manifest.shards.length;
  try {
    const unlock = lockFolder(folder);
    try {
      const shards = await repairShards(repair, found.slice(0, count));
      return [...shards, ...(await repairOthers(repair, shards, found.slice(count)))];
    } finally {
      // A thread that was stopped in the middle leaves its file, and it stops only now.
      await pool.close();
      for (const { file } of manifest.shards) await clear(path.join(folder, file));
      unlock();
    }
  } catch (error) {
    if (error instanceof VadiError || systemCode(error) === undefined) throw error;
    throw failure(`${folder} could not be repaired: ${messageOf(error)}.`, error);
  }
}

/** Why a dataset's shards cannot be generated again at all. */
function whyNotGenerated(manifest: Manifest, row: RowSpec): string | undefined {
  const { generator, features, format, shards } = manifest;
  if (generator.name !== "vadi") return `it was made by '${generator.name}', not by vadi`;
  try {
    checkRowSpec(row);
  } catch (error) {
    return `its manifest cannot be right: ${messageOf(error)}`;
  }
  // Only files that are named as vadi names them are replaced, and none of an absurd size is made.
  const foreign = shards.find(({ file }, shard) => file !== shardFile(shard, format));
  if (foreign !== undefined) return `vadi makes no shard named '${foreign.file}' in that place`;
  const absurd = shards.find(({ rows }) => rows > maximumShardRows(features));
  if (absurd !== undefined) return `vadi makes no shard of ${absurd.rows} rows, as ${absurd.file}`;
  return undefined;
}

async function repairShards(repair: Repair, found: readonly ShardStatus[]): Promise<ShardStatus[]> {
  const { folder, manifest, options } = repair;
  const { threads } = repair.pool;
  const result = [...found];
  const wrong = [...found.entries()].filter(([, { status }]) => status !== "ok");
  const sizes = wrong.map(([shard]) => manifest.shards[shard]?.bytes ?? 0);
  const missing = wrong.map(([, { status }], index) =>
    status === "missing" ? (sizes[index] ?? 0) : 0,
  );
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  // A damaged shard stays until the new one is whole.
  const space = missing.reduce((sum, bytes) => sum + bytes, threads * Math.max(0, ...sizes));
  if (wrong.length > 0)
    await checkFreeSpace(folder, Math.min(space, total), { what: "The repair" });
  let done = 0;
  await forEachLimited(wrong, threads, async ([shard, status]) => {
    throwIfAborted(options.signal);
    result[shard] = await repairShard(repair, shard, status);
    done += manifest.shards[shard]?.bytes ?? 0;
    options.onProgress?.({ phase: "repairing", done, total, unit: "bytes" });
  });
  return result;
}

async function repairShard(
  repair: Repair,
  shard: number,
  found: ShardStatus,
): Promise<ShardStatus> {
  const target = path.join(repair.folder, found.file);
  const old = await lstat(target).catch(() => undefined);
  if (old?.isDirectory() === true) {
    return notRepaired(found, "a folder has its name; move it away");
  }
  const isRight = await generateAgain(repair, shard, async (made) => {
    await syncFile(made);
    await rename(made, target);
    await syncFile(repair.folder, "r");
  });
  if (isRight) return { ...found, repaired: true };
  const { version } = repair.manifest.generator;
  return notRepaired(
    found,
    version === VERSION
      ? `made again, its SHA-256 differs from the manifest's, so ${MANIFEST_FILE} itself is damaged`
      : `the dataset was made by vadi ${version}, and vadi ${VERSION} makes other bytes; repair it with that version`,
  );
}

/**
 * Removes what lies under a shard's temporary name: in a stranger's folder that could be a link to
 * elsewhere, which must not be written through.
 */
async function clear(place: string): Promise<void> {
  await rm(`${place}${TEMPORARY_SUFFIX}`, { force: true });
}

/**
 * Generates a shard beside its place.
 *
 * @param use gets the new file where it has the manifest's hash; what is left of it then is removed
 * @returns whether it has
 */
async function generateAgain(
  { folder, manifest, row, maxima, pool, options }: Repair,
  shard: number,
  use: (made: string) => Promise<void>,
): Promise<boolean> {
  const { file, rows, sha256 } = manifest.shards[shard] as ShardEntry;
  const firstRow = manifest.shards.slice(0, shard).reduce((sum, entry) => sum + entry.rows, 0);
  const { format, generator } = manifest;
  const place = path.join(folder, file);
  const made = `${place}${TEMPORARY_SUFFIX}`;
  const description = {
    spec: row,
    firstRow,
    rows,
    ...(maxima !== undefined && { maxima }),
    generator,
  };
  try {
    for (const compression of compressionsOf(manifest)) {
      await clear(place);
      const task: ShardTask = { type: "write", file: made, format, compression, description };
      const entry = await pool.run(task, options.signal);
      if (typeof entry !== "object" || !("sha256" in entry)) {
        throw new Error("A written shard has an entry.");
      }
      if (entry.sha256 !== sha256) continue;
      await use(made);
      return true;
    }
    return false;
  } finally {
    await clear(place);
  }
}

/** Manifests of the first datasets do not tell the compression of their shards. */
function compressionsOf({ format, compression }: Manifest): readonly Compression[] {
  if (compression !== undefined) return [compression];
  return format === "arrow" ? ["none"] : COMPRESSIONS;
}

/** Writes the checksums again where they are not the manifest's, once the manifest is known to be right. */
async function repairOthers(
  repair: Repair,
  shards: readonly ShardStatus[],
  found: readonly ShardStatus[],
): Promise<ShardStatus[]> {
  const wrong = found.filter(({ status }) => status !== "extra");
  if (wrong.length === 0) return [...found];
  const { folder, manifest, fingerprint } = repair;
  const doubt = await whyDoubtful(repair, shards);
  if (doubt !== undefined) {
    return found.map((file) => (file.status === "extra" ? file : notRepaired(file, doubt)));
  }
  const file = path.join(folder, CHECKSUMS_FILE);
  await rm(`${file}${TEMPORARY_SUFFIX}`, { force: true });
  await writeFileAtomic(file, checksumsText(manifest.shards, fingerprint));
  const extra = found.filter(({ status }) => status === "extra");
  const [first] = wrong;
  // The manifest is right, so it is the checksums that were not.
  const repaired: ShardStatus =
    first?.file === CHECKSUMS_FILE
      ? { ...first, repaired: true }
      : {
          file: CHECKSUMS_FILE,
          status: "damaged",
          reason: `its sum of ${MANIFEST_FILE} was wrong`,
          repaired: true,
        };
  return [...extra, repaired];
}

/**
 * Why a manifest that the checksums do not confirm may be wrong. It is right where its text is the
 * one that vadi writes for what it says, and a shard made from that has the hash that it says.
 */
async function whyDoubtful(
  repair: Repair,
  shards: readonly ShardStatus[],
): Promise<string | undefined> {
  const { manifest, fingerprint, row, maxima } = repair;
  const { text } = buildManifest({
    ...manifest,
    row,
    maxima,
    compression: manifest.compression ?? "none",
  });
  if (hashBytes(text) !== fingerprint) {
    return `${MANIFEST_FILE} is not as vadi writes it, so it may be damaged itself`;
  }
  if (shards.some(({ repaired }) => repaired === true)) return undefined;
  const last = manifest.shards.length - 1;
  if (await generateAgain(repair, last, async () => {})) return undefined;
  return `${manifest.shards[last]?.file}, made again from ${MANIFEST_FILE}, has another SHA-256, so the manifest may be damaged itself`;
}
