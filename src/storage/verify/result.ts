import type { OnProgress } from "../../common/progress.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../format/file-names.js";
import type { Manifest, ShardEntry } from "../format/manifest.js";
import type { ShardStatus } from "./check-shard.js";

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
