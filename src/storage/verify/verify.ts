import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { OnProgress } from "../../common/progress.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { readText } from "../../files/read-json.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../format/file-names.js";
import { absoluteLocation, isRemote } from "../format/location.js";
import type { Manifest, ShardEntry } from "../format/manifest.js";
import { checkShard, type ShardStatus } from "./check-shard.js";
import { readManifest } from "../dataset/read-manifest.js";
import { repairDataset } from "./repair.js";
import { createShardPool, type ShardPool } from "../dataset/shard-pool.js";

/** What verification found. */
export interface VerifyResult {
  /** Whether in the end every file is as it should be, and there is no extra file. */
  ok: boolean;
  rows: number;
  bytes: number;
  shards: ShardStatus[];
}

export interface VerifyOptions {
  /** Default false. */
  repair?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

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
  const { shards: entries } = manifest;
  const pool = createShardPool(Math.min(availableParallelism(), entries.length));
  let shards: ShardStatus[];
  try {
    shards = [
      ...(await checkShards(folder, entries, pool, options)),
      ...(await findExtra(folder, entries)),
      ...(await checkChecksums(folder, entries, fingerprint)),
    ];
    if (options.repair === true && shards.some(({ status }) => status !== "ok")) {
      shards = await repairDataset({ folder, manifest, fingerprint, pool, options }, shards);
    }
  } finally {
    await pool.close();
  }
  return resultOf(manifest, shards);
}

/** The result for a dataset whose files have been checked. */
export function resultOf(
  { rows, shards: entries }: Pick<Manifest, "rows" | "shards">,
  shards: ShardStatus[],
): VerifyResult {
  return {
    ok: shards.every(({ status, repaired }) => status === "ok" || repaired === true),
    rows,
    bytes: entries.reduce((sum, shard) => sum + shard.bytes, 0),
    shards,
  };
}

async function checkShards(
  folder: string,
  entries: readonly ShardEntry[],
  pool: ShardPool,
  { signal, onProgress }: VerifyOptions,
): Promise<ShardStatus[]> {
  const total = entries.reduce((sum, shard) => sum + shard.bytes, 0);
  const shards: ShardStatus[] = Array.from({ length: entries.length });
  let done = 0;
  await forEachLimited(entries.entries(), pool.threads, async ([index, entry]) => {
    shards[index] = await checkShard(folder, entry, (file) => pool.hash(file, signal));
    done += entry.bytes;
    onProgress?.({ phase: "verifying", done, total, unit: "bytes" });
  });
  return shards;
}

/** The shards in the folder that the manifest does not name. */
async function findExtra(folder: string, entries: readonly ShardEntry[]): Promise<ShardStatus[]> {
  return extraOf(await readdir(folder), entries);
}

/** The shards among some files that a manifest does not name. */
export function extraOf(files: readonly string[], entries: readonly ShardEntry[]): ShardStatus[] {
  const named = new Set(entries.map(({ file }) => file));
  return files
    .filter((file) => /\.(arrow|parquet)$/.test(file) && !named.has(file))
    .toSorted()
    .map((file) => ({ file, status: "extra", reason: "the manifest does not name it" }));
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

/** As `checkChecksums`, for the text of the file; undefined where there is none. */
export function compareChecksums(
  text: string | undefined,
  entries: readonly ShardEntry[],
  fingerprint: string,
): ShardStatus[] {
  if (text === undefined) {
    return [{ file: CHECKSUMS_FILE, status: "missing", reason: "there is no such file" }];
  }
  const sums = parseChecksums(text);
  const problems: ShardStatus[] = [];
  if (sums.get(MANIFEST_FILE) !== fingerprint) {
    const reason = `its SHA-256 differs from the one in ${CHECKSUMS_FILE}`;
    problems.push({ file: MANIFEST_FILE, status: "damaged", reason });
  }
  if (entries.some(({ file, sha256 }) => sums.get(file) !== sha256)) {
    const reason = "its sums differ from the manifest's";
    problems.push({ file: CHECKSUMS_FILE, status: "damaged", reason });
  }
  return problems;
}

/** The SHA-256 of each file that a checksum file names. Its lines: hash, two spaces, name. */
function parseChecksums(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line));
  return new Map(
    lines.flatMap((match) => (match === null ? [] : [[match[2] ?? "", match[1] ?? ""]])),
  );
}
