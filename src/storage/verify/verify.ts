import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { readText } from "../../files/read-json.js";
import { CHECKSUMS_FILE } from "../../files/checksums.js";
import { absoluteLocation, isRemote } from "../format/location.js";
import type { ShardEntry } from "../format/manifest.js";
import { checkShards, inGroups, type ShardStatus } from "./check-shard.js";
import { readManifest } from "../dataset/read-manifest.js";
import { repairDataset } from "./repair.js";
import {
  chosenShards,
  compareChecksums,
  extraOf,
  resultOf,
  type VerifyOptions,
  type VerifyResult,
} from "./result.js";
import { createShardPool, type ShardPool } from "../dataset/shard-pool.js";

/**
 * Checks every shard of a dataset against its manifest by SHA-256, several at a time, and names each
 * that is damaged, missing or extra.
 *
 * @param options.repair generate damaged and missing shards again from what the manifest says
 * @throws a failure where there is no dataset or its manifest cannot be read
 */
export async function verifyDataset(
  source: string,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  if (isRemote(source)) {
    const { verifyRemote } = await import("./verify-remote.js");
    return verifyRemote(absoluteLocation(source), options);
  }
  const folder = path.resolve(source);
  const { manifest, fingerprint } = await readManifest(folder);
  const numbers = chosenShards(manifest.shards.length, options);
  const entries = manifest.shards.filter((_, shard) => numbers?.has(shard) ?? true);
  const pool = createShardPool(Math.min(availableParallelism(), entries.length));
  let shards: ShardStatus[];
  try {
    shards = [
      ...(await checkAll(folder, entries, pool, options)),
      ...(numbers?.has(0) === false ? [] : await findExtra(folder, manifest.shards)),
      ...(numbers?.has(0) === false
        ? []
        : await checkChecksums(folder, manifest.shards, fingerprint)),
    ];
    if (options.repair === true && shards.some(({ status }) => status !== "ok")) {
      shards = await repairDataset({ folder, manifest, fingerprint, pool, options }, shards);
    }
  } catch (error) {
    if (systemCode(error) === undefined || error instanceof VadiError) throw error;
    throw failure(`${folder} could not be verified: ${messageOf(error)}.`, error);
  } finally {
    await pool.close();
  }
  return resultOf(entries, shards);
}

async function checkAll(
  folder: string,
  entries: readonly ShardEntry[],
  pool: ShardPool,
  { signal, onProgress }: VerifyOptions,
): Promise<ShardStatus[]> {
  const total = entries.reduce((sum, shard) => sum + shard.bytes, 0);
  const groups = [...inGroups(entries, ({ bytes }) => bytes)];
  const found: ShardStatus[][] = [];
  let done = 0;
  await forEachLimited(groups.entries(), pool.threads, async ([index, group]) => {
    found[index] = await checkShards(folder, group, (files) => pool.hashAll(files, signal));
    done += group.reduce((sum, shard) => sum + shard.bytes, 0);
    onProgress?.({ phase: "verifying", done, total, unit: "bytes" });
  });
  return found.flat();
}

/** The shards in the folder that the manifest does not name. */
async function findExtra(folder: string, entries: readonly ShardEntry[]): Promise<ShardStatus[]> {
  return extraOf(await readdir(folder), entries);
}

/** Compares the checksum file with the manifest. Returns what is wrong with either. */
async function checkChecksums(
  folder: string,
  entries: readonly ShardEntry[],
  fingerprint: string,
): Promise<ShardStatus[]> {
  if (!(await readdir(folder)).includes(CHECKSUMS_FILE)) {
    return compareChecksums(undefined, entries, fingerprint);
  }
  const text = await readText(path.join(folder, CHECKSUMS_FILE), "checksums");
  return compareChecksums(text, entries, fingerprint);
}
