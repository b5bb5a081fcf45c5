import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Fields that differ between two runs of one job. */
const VARYING = new Set([
  // The same options, as they were given to whichever job came last.
  "command",
  "historyBytes",
  "peakRssBytes",
  "rowPointsPerSecond",
  "rowsPerSecond",
  "seconds",
  "threads",
  "waitedForData",
  "waitedSeconds",
  "warnings",
]);

/** A JSON document without these, its keys in order. */
function ordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const kept = Object.entries(value).filter(([key]) => !VARYING.has(key));
  return kept
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, below]) => [key, ordered(below)]);
}

/** Files that hold times in another form: a table with them, a page that shows them. */
const TIMES = /(^|\/)(history\.parquet|[^/]*\.html|(results|lesson|experiment)\.json)$/;

/** Lines of checksums that are of files with times. */
const SUMS_OF_TIMES = /^[0-9a-f]{64} {2}\S*\.(json|jsonl)$|history\.parquet$/;

/**
 * What a folder holds: each file with the hash of its content, times left out, in the order of their names. Two jobs
 * with the same result give the same text.
 *
 * @param start what the names of these files start with; default: all
 */
export function contentsOf(folder: string, start = ""): string {
  if (!existsSync(folder)) return "";
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    // The lock of a process that has ended is taken over by the next.
    .filter((entry) => !entry.isDirectory() && entry.name !== ".lock")
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => name.startsWith(start))
    .toSorted();
  return names.map((name) => `${name} ${digest(path.join(folder, name))}`).join("\n");
}

function digest(file: string): string {
  const bytes = readFileSync(file);
  if (file.endsWith(".html")) {
    return bytes.subarray(-20).toString().trimEnd().endsWith("</html>") ? "a whole page" : "cut";
  }
  if (TIMES.test(file)) return bytes.length > 0 ? "with times" : "empty";
  if (path.basename(file) === "SHA256SUMS") {
    const lines = bytes.toString().split("\n");
    return lines.filter((line) => !SUMS_OF_TIMES.test(line)).join("\n");
  }
  const isJson = /\.jsonl?$/.test(file);
  const lines = file.endsWith(".jsonl")
    ? bytes.toString().trimEnd().split("\n")
    : [bytes.toString()];
  // Shards are finished in any order.
  if (file.endsWith(".progress.jsonl")) lines.sort();
  const content = isJson ? JSON.stringify(lines.map((line) => ordered(parsed(line)))) : bytes;
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/** A JSON value, or the text where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
