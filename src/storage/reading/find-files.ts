import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { shellWord } from "../../common/command-line.js";
import { failure, messageOf, isAbsent, usageError } from "../../common/errors.js";
import { exists } from "../../files/folders.js";
import { formatOfName } from "./file-format.js";
import { checkUrl } from "../format/location.js";

/** More files than anyone has in one table. */
const MOST_FILES = 1_000_000;
const NESTING = 16;

/**
 * The files that sources name: files, folders with all table files in and below them, and patterns.
 * Those of a folder or a pattern come in the order of their names, sources in theirs.
 *
 * @throws a failure where there are none; a usage error for an empty source
 */
export async function findFiles(sources: readonly string[]): Promise<string[]> {
  if (sources.length === 0) throw usageError("A table needs at least one file.");
  const files: string[] = [];
  for (const source of sources) files.push(...(await filesOf(source)));
  if (files.length > MOST_FILES) throw failure(`A table of ${files.length} files is too large.`);
  const seen = new Set<string>();
  for (const file of files) {
    if (seen.has(file)) throw usageError(`${file} is named twice.`);
    seen.add(file);
  }
  return files;
}

async function filesOf(source: string): Promise<string[]> {
  if (source === "") throw usageError("The dataset's folder or files must be given.");
  checkUrl(source);
  const absolute = path.resolve(source);
  const found = await stat(absolute).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw failure(`Could not open ${absolute}: ${messageOf(error)}.`, error);
  });
  if (found?.isFile() === true) return [absolute];
  if (found?.isDirectory() === true) {
    checkNoResult(absolute);
    const files = await filesIn(absolute, 0);
    if (files.length > 0) return files.toSorted();
    throw failure(
      `${absolute} is not a dataset, and has no tables (.parquet, .arrow, .feather, .csv, .tsv, .json, .ndjson, .duckdb).`,
    );
  }
  if (found !== undefined) throw failure(`${absolute} is neither a file nor a folder.`);
  const { glob, isDynamicPattern } = await import("tinyglobby");
  if (!isDynamicPattern(source)) throw failure(`There is no dataset or table ${absolute}.`);
  const matches = await glob([source], {
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
    followSymbolicLinks: false,
  });
  if (matches.length === 0) throw failure(`No file matches ${source}.`);
  return matches.map((file) => path.resolve(file)).toSorted();
}

/** What vadi's other folders are, by the file that each of them has. */
const RESULTS: Readonly<Record<string, string>> = {
  "run.json": "a run",
  "landscape.json": "a landscape",
  "curvature.json": "a curvature",
  "certificate.json": "a certificate",
};

/** Throws where a folder is a result of vadi's, whose tables are no rows to train on. */
function checkNoResult(folder: string): void {
  const name = Object.keys(RESULTS).find((one) => exists(path.join(folder, one)));
  if (name === undefined) return;
  throw failure(
    `${folder} is ${RESULTS[name]}, not a dataset: vadi report ${shellWord(folder)} shows it; to read one of its tables, name the file.`,
  );
}

/** Table files in and below a folder; hidden names and those that begin with _ (Spark's) are passed over. */
async function filesIn(folder: string, depth: number): Promise<string[]> {
  if (depth > NESTING) throw failure(`${folder} is nested too deeply for a table.`);
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw failure(`Could not read ${folder}: ${messageOf(error)}.`, error);
  }
  const files: string[] = [];
  for (const entry of entries) {
    if (/^[._]/.test(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(full, depth + 1)));
    else if (formatOfName(entry.name) === undefined) continue;
    else if (entry.isFile()) files.push(full);
    else throw failure(`${full} is not a plain file; name what it links to instead of the folder.`);
  }
  return files;
}
