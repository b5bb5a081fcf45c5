import { lstat, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { systemCode } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { createWorkerPool, forEachLimited } from "../../common/worker-pool.js";
import { readText } from "../../files/atomic.js";
import { repairFiles } from "./repair.js";
import type { ShardTask, ShardTaskResult } from "./shard-worker.js";
import { readManifest } from "./table.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../format/file-names.js";
import type { ShardStatus } from "./shard-status.js";

/** What verification found. */
export interface VerifyResult {
  /** Whether every file is as it should be in the end, and there is no file too many. */
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

/** The checksum file's lines: hash, two spaces, name. */
function parseChecksums(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line));
  return new Map(
    lines.flatMap((match) => (match === null ? [] : [[match[2] ?? "", match[1] ?? ""]])),
  );
}

/**
 * Checks every shard of a dataset against its manifest by SHA-256, several at a time, and names each
 * that is damaged, missing or extra.
 *
 * @param options.repair generate again what is damaged or missing: a shard is a pure function of
 *   what the manifest says, and takes its place only where its SHA-256 is the manifest's
 * @throws a failure where there is no dataset or its manifest cannot be read
 */
export async function verifyDataset(
  source: string,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  const folder = path.resolve(source);
  const { manifest, fingerprint } = await readManifest(folder);
  const threads = Math.min(availableParallelism(), manifest.shards.length);
  const pool = createWorkerPool<ShardTask, ShardTaskResult>(
    new URL("shard-worker.js", import.meta.url),
    threads,
  );
  const total = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const found = new Map<string, ShardStatus>();
  let shards: ShardStatus[];
  let bytes = 0;
  try {
    await forEachLimited(manifest.shards, threads, async (shard) => {
      const { file } = shard;
      const damaged = (reason: string): ShardStatus => ({ file, status: "damaged", reason });
      const check = async (): Promise<ShardStatus> => {
        const full = path.join(folder, file);
        const entry = await lstat(full).catch((error: unknown) => {
          if (systemCode(error) === "ENOENT") return undefined;
          throw error;
        });
        if (entry === undefined)
          return { file, status: "missing", reason: "there is no such file" };
        if (!entry.isFile()) return damaged("it is not a plain file");
        if (entry.size !== shard.bytes) {
          return damaged(`it has ${entry.size} bytes instead of ${shard.bytes}`);
        }
        const hash = await pool.run({ type: "hash", file: full }, options.signal);
        return hash === shard.sha256
          ? { file, status: "ok" }
          : damaged("its SHA-256 differs from the manifest's");
      };
      found.set(file, await check());
      bytes += shard.bytes;
      options.onProgress?.({ phase: "verifying", done: bytes, total, unit: "bytes" });
    });
    shards = manifest.shards.flatMap(({ file }) => found.get(file) ?? []);
    shards.push(...(await checkOthers(folder, manifest.shards, fingerprint)));
    if (options.repair === true && shards.some(({ status }) => status !== "ok")) {
      shards = await repairFiles({ folder, manifest, fingerprint, pool, options }, shards);
    }
  } finally {
    await pool.close();
  }
  return {
    ok: shards.every(({ status, repaired }) => status === "ok" || repaired === true),
    rows: manifest.rows,
    bytes: total,
    shards,
  };
}

/** Checks the checksum file, and that no shard lies in the folder which the manifest does not name. */
async function checkOthers(
  folder: string,
  shards: readonly { file: string; sha256: string }[],
  fingerprint: string,
): Promise<ShardStatus[]> {
  const entries = await readdir(folder);
  const problems = entries
    .filter(
      (entry) => /\.(arrow|parquet)$/.test(entry) && !shards.some(({ file }) => file === entry),
    )
    .toSorted()
    .map((file): ShardStatus => ({
      file,
      status: "extra",
      reason: "the manifest does not name it",
    }));
  if (!entries.includes(CHECKSUMS_FILE)) {
    problems.push({ file: CHECKSUMS_FILE, status: "missing", reason: "there is no such file" });
    return problems;
  }
  const sums = parseChecksums(await readText(path.join(folder, CHECKSUMS_FILE), "checksums"));
  if (sums.get(MANIFEST_FILE) !== fingerprint) {
    problems.push({
      file: MANIFEST_FILE,
      status: "damaged",
      reason: `its SHA-256 differs from the one in ${CHECKSUMS_FILE}`,
    });
  }
  if (shards.some(({ file, sha256 }) => sums.get(file) !== sha256)) {
    problems.push({
      file: CHECKSUMS_FILE,
      status: "damaged",
      reason: "its sums differ from the manifest's",
    });
  }
  return problems;
}
