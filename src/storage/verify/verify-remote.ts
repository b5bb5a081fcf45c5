import { failure, throwIfAborted } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { CHECKSUMS_FILE } from "../../files/checksums.js";
import type { ShardEntry } from "../format/manifest.js";
import { readManifest } from "../dataset/read-manifest.js";
import { hashObject, listObjects, readObject } from "../remote/index.js";
import type { ShardStatus } from "./check-shard.js";
import {
  chosenShards,
  compareChecksums,
  extraOf,
  resultOf,
  type VerifyOptions,
  type VerifyResult,
} from "./result.js";

/** Shards that are hashed at once. */
const AT_ONCE = 6;

/** The largest checksum file that is read: a million shards have less. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * As `verifyDataset`, for a dataset in a store: shards are hashed as they arrive, and nothing is kept on disk.
 *
 * @param folder its URL
 */
export async function verifyRemote(folder: string, options: VerifyOptions): Promise<VerifyResult> {
  const { signal } = options;
  if (options.repair === true) {
    throw failure(
      (option) =>
        `${folder} is in a store, where vadi repairs nothing; write it again with ${option("force")}, or repair a copy on disk.`,
    );
  }
  const { manifest, fingerprint } = await readManifest(folder);
  const numbers = chosenShards(manifest.shards.length, options);
  const entries = manifest.shards.filter((_, shard) => numbers?.has(shard) ?? true);
  const shards = await hashShards(folder, entries, options);
  if (numbers?.has(0) === false) return resultOf(entries, shards);
  const names = await listObjects({ folder }, signal);
  const sums = await readObject(folder, CHECKSUMS_FILE, MOST_BYTES, signal);
  const text = sums && new TextDecoder().decode(sums);
  return resultOf(entries, [
    ...shards,
    // A web server has no lists.
    ...extraOf(names ?? [], manifest.shards),
    ...compareChecksums(text, manifest.shards, fingerprint),
  ]);
}

async function hashShards(
  folder: string,
  entries: readonly ShardEntry[],
  { signal, onProgress }: VerifyOptions,
): Promise<ShardStatus[]> {
  const total = entries.reduce((sum, shard) => sum + shard.bytes, 0);
  const shards: ShardStatus[] = Array.from({ length: entries.length });
  let done = 0;
  await forEachLimited(entries.entries(), AT_ONCE, async ([index, entry]) => {
    throwIfAborted(signal);
    const found = await hashObject({ folder, name: entry.file }, signal);
    shards[index] = compare(entry, found);
    done += entry.bytes;
    onProgress?.({ phase: "verifying", done, total, unit: "bytes" });
  });
  return shards;
}

function compare(
  { file, bytes, sha256 }: ShardEntry,
  found: { bytes: number; sha256: string } | undefined,
): ShardStatus {
  const damaged = (reason: string): ShardStatus => ({ file, status: "damaged", reason });
  if (found === undefined) return { file, status: "missing", reason: "there is no such object" };
  if (found.bytes !== bytes) return damaged(`it has ${found.bytes} bytes instead of ${bytes}`);
  if (found.sha256 !== sha256) return damaged("its SHA-256 differs from the manifest's");
  return { file, status: "ok" };
}
