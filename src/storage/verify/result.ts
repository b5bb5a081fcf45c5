import { usageError } from "../../common/errors.js";
import type { OnProgress } from "../../common/progress.js";
import { parseShards } from "../dataset/shard-selection.js";
import { CHECKSUMS_FILE, parseChecksums } from "../../files/checksums.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import type { ShardEntry } from "../format/manifest.js";
import type { ShardStatus } from "./check-shard.js";

/** What verification found. */
export interface VerifyResult {
  /** Whether in the end every file is as it should be, and there is no extra file. */
  ok: boolean;
  rows: number;
  bytes: number;
  shards: ShardStatus[];
}

/** How files are checked. */
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

/** The result for shards that have been checked. */
export function resultOf(entries: readonly ShardEntry[], shards: ShardStatus[]): VerifyResult {
  return {
    ok: shards.every(({ status, repaired }) => status === "ok" || repaired === true),
    rows: entries.reduce((sum, shard) => sum + shard.rows, 0),
    bytes: entries.reduce((sum, shard) => sum + shard.bytes, 0),
    shards,
  };
}

/** The numbers of the shards to check; undefined: all. */
export function chosenShards(
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

/** The shards among some files that a manifest does not name. */
export function extraOf(files: readonly string[], entries: readonly ShardEntry[]): ShardStatus[] {
  const named = new Set(entries.map(({ file }) => file));
  return files
    .filter((file) => /\.(arrow|parquet)$/.test(file) && !named.has(file))
    .toSorted()
    .map((file) => ({ file, status: "extra", reason: "the manifest does not name it" }));
}

/**
 * Compares a checksum file with the manifest. Returns what is wrong with either.
 *
 * @param text of the file; undefined where there is none
 */
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
