import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { usageError } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { readText } from "../../files/read-json.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../format/file-names.js";
import type { ShardEntry } from "../format/manifest.js";
import { checkShard, type ShardStatus } from "./check-shard.js";
import { parseShards } from "../dataset/shard-selection.js";
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
  /**
   * Check only these shards, `0-99` or `0-3,7`. What else is in the folder, and its checksum file, is checked
   * together with shard 0. Default: all.
   */
  shards?: string | undefined;
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
  const folder = path.resolve(source);
  const { manifest, fingerprint } = await readManifest(folder);
  const numbers = chosenShards(manifest.shards.length, options);
  const entries = manifest.shards.filter((_, shard) => numbers?.has(shard) ?? true);
  const pool = createShardPool(Math.min(availableParallelism(), entries.length));
  let shards: ShardStatus[];
  try {
    shards = [
      ...(await checkShards(folder, entries, pool, options)),
      ...(numbers?.has(0) === false ? [] : await findExtra(folder, manifest.shards)),
      ...(numbers?.has(0) === false
        ? []
        : await checkChecksums(folder, manifest.shards, fingerprint)),
    ];
    if (options.repair === true && shards.some(({ status }) => status !== "ok")) {
      shards = await repairDataset({ folder, manifest, fingerprint, pool, options }, shards);
    }
  } finally {
    await pool.close();
  }
  return {
    ok: shards.every(({ status, repaired }) => status === "ok" || repaired === true),
    rows: entries.reduce((sum, shard) => sum + shard.rows, 0),
    bytes: entries.reduce((sum, shard) => sum + shard.bytes, 0),
    shards,
  };
}

/** The numbers of the shards to check; undefined: all. */
function chosenShards(
  count: number,
  { shards, repair }: VerifyOptions,
): ReadonlySet<number> | undefined {
  if (shards === undefined) return undefined;
  if (repair === true) {
    throw usageError(
      (option) => `${option("repair")} checks all shards; leave out ${option("shards")}.`,
    );
  }
  return new Set(parseShards(shards, count));
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
  const named = new Set(entries.map(({ file }) => file));
  return (await readdir(folder))
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
    return [{ file: CHECKSUMS_FILE, status: "missing", reason: "there is no such file" }];
  }
  const sums = parseChecksums(await readText(path.join(folder, CHECKSUMS_FILE), "checksums"));
  const problems: ShardStatus[] = [];
  if (sums.get(MANIFEST_FILE) !== fingerprint) {
    const reason = `its SHA-256 differs from the one in ${CHECKSUMS_FILE}`;
    problems.push({ file: MANIFEST_FILE, status: "damaged", reason });
  }
  const differs = entries.some(({ file, sha256 }) => sums.get(file) !== sha256);
  // Lines that are none, or that name other files, would make `sha256sum -c` fail.
  if (differs || sums.size !== entries.length + 1) {
    const reason = differs
      ? "its sums differ from the manifest's"
      : "it has other lines than the manifest's files need";
    problems.push({ file: CHECKSUMS_FILE, status: "damaged", reason });
  }
  return problems;
}

/** The SHA-256 of each file that a checksum file names, by its name; what is not such a line, by the whole line. */
function parseChecksums(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [, sum = "", name = line] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return [name, sum];
    }),
  );
}
