import { createHash } from "node:crypto";
import { existsSync, statSync, type Stats } from "node:fs";
import path from "node:path";
import { failure, messageOf, usageError } from "../../common/errors.js";
import { hashFile } from "../../files/hash.js";
import type { SqlSource } from "../duckdb/source-view.js";
import { fileVersion } from "../format/open-file.js";
import { FORMAT_NAMES } from "../reading/file-format.js";
import { findFiles } from "../reading/find-files.js";
import { formatOfFile, inspectFile } from "./inspect-file.js";
import { createTablePool } from "./table-pool.js";

/** Bytes of a file that takes longer to read than a thread takes to start. */
const IN_A_THREAD = 64 * 2 ** 20;

/** Files that DuckDB reads, or could read. */
export interface FoundSource {
  files: string[];
  format: SqlSource["format"];
  table?: string;
}

/**
 * The files of sources, which are all of one format. A table of a database is named behind a `#`.
 *
 * @throws as `findFiles`; a failure for files of two formats; a usage error for several databases
 */
export async function findSource(sources: readonly string[]): Promise<FoundSource> {
  const [only = ""] = sources;
  const hash = only.lastIndexOf("#");
  const isTable = sources.length === 1 && hash > 0 && !existsSync(only);
  const files = await findFiles(isTable ? [only.slice(0, hash)] : sources);
  const formats = await Promise.all(files.map(formatOfFile));
  const [format] = formats;
  const other = formats.findIndex((one) => one !== format);
  if (format === undefined) throw new Error("A source has files.");
  if (other >= 0) {
    throw failure(
      `${files[other]} is ${FORMAT_NAMES[formats[other]!]}, but ${files[0]} is ${FORMAT_NAMES[format]}; name the files of one format.`,
    );
  }
  const isDatabase = format === "duckdb" || format === "sqlite";
  if (isTable && !isDatabase) throw usageError(`${files[0]} is no database, and has no tables.`);
  if (isDatabase && files.length > 1) throw usageError("Name one database, not several.");
  return { files, format, ...(isTable && { table: only.slice(hash + 1) }) };
}

/** The name of a source for errors: its file, or the first of several. */
export function sourceName({ files, table }: FoundSource): string {
  return `${files[0]}${table === undefined ? "" : `#${table}`}`;
}

/** Identifies the files of a source as they are now. */
export interface SourceState {
  /** Hex SHA-256 of the files' names, sizes and contents; of Parquet files, their footers. */
  fingerprint: string;
  /** Throws a failure if a file has changed since. */
  check(): void;
}

/** What the system says of a file. */
function foundFile(file: string): Stats {
  try {
    return statSync(file);
  } catch (error) {
    throw failure(`Could not open ${file}: ${messageOf(error)}.`, error);
  }
}

/** The hash of a file's content. */
function hashOf(file: string): string {
  try {
    return hashFile(file);
  } catch (error) {
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
}

/** Reads all files to identify them; of Parquet files the footers. Large files are read in a thread. */
export async function stateOf(
  { files, format, table }: FoundSource,
  signal?: AbortSignal,
): Promise<SourceState> {
  const found = files.map(foundFile);
  const sizes = found.map(({ size }) => size);
  const versions = found.map(fileVersion);
  const hash = createHash("sha256");
  const pool = createTablePool(1);
  const contentOf = async (file: string, size: number): Promise<string> => {
    if (format === "parquet") return (await inspectFile(file)).footer;
    return size < IN_A_THREAD ? hashOf(file) : pool.run({ type: "hash", file }, signal);
  };
  try {
    for (const [at, file] of files.entries()) {
      const entry = [path.basename(file), sizes[at], await contentOf(file, sizes[at]!)];
      hash.update(`${JSON.stringify(table === undefined ? entry : [...entry, table])}\n`);
    }
  } finally {
    await pool.close();
  }
  return {
    fingerprint: hash.digest("hex"),
    check() {
      for (const [at, file] of files.entries()) {
        const now = statSync(file, { throwIfNoEntry: false });
        if (now !== undefined && fileVersion(now) === versions[at]) continue;
        throw failure(`${file} has changed while it was read; convert it again.`);
      }
    },
  };
}
