import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode, usageError, VadiError } from "../../common/errors.js";
import { parseJson, readText } from "../../files/atomic.js";
import { hashBytes } from "../../files/hash.js";
import type { ColumnNames } from "../format/columns.js";
import { manifestSchema, type ForeignDescription, type Manifest } from "../format/manifest.js";
import type { ShardSource } from "../format/types.js";
import { fileVersion } from "../format/open-file.js";
import { JOURNAL_FILE, readJournal } from "../output/journal.js";
import type { NumberType } from "../format/number-type.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { isBeingReplaced, whatOfReplacement } from "../output/replace-dataset.js";

/** A dataset's files and what its manifest says of them. */
export interface Table {
  /** The folder, absolute. */
  path: string;
  /** Rows of all shards together; fewer than the manifest's where the table is a part of a dataset. */
  rows: number;
  /** D. */
  features: number;
  manifest: Manifest | ForeignDescription;
  columns: ColumnNames;
  /** How the numbers of each column are stored, the target last; default float32. */
  types?: readonly NumberType[];
  /** Sentences about the table that its user should know. */
  warnings: string[];
  /** Hex SHA-256 of the manifest. */
  fingerprint: string;
  shards: ShardSource[];
}

/** A table that is a dataset, with a manifest. */
export interface DatasetTable extends Table {
  manifest: Manifest;
}

/** What a dataset's columns are called: as in the table that it comes from, or x0 … x(D−1) and y. */
export function columnsOf(manifest: Manifest): ColumnNames {
  if (manifest.kind === "table") return manifest.columns;
  const features = Array.from({ length: manifest.features }, (_, feature) => `x${feature}`);
  return { features, target: "y" };
}

function missing(folder: string, cause: unknown): VadiError {
  const told = isBeingReplaced(folder)
    ? whatOfReplacement(folder)
    : `There is no dataset ${folder}.`;
  return failure(told, cause);
}

/** Reads a dataset's manifest; its shards are not touched. */
export async function readManifest(
  folder: string,
): Promise<{ manifest: Manifest; fingerprint: string }> {
  const file = path.join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readText(file, "a dataset's manifest");
  } catch (error) {
    if (error instanceof VadiError) throw error;
    if (systemCode(error) !== "ENOENT") {
      throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
    }
    const entries = await readdir(folder).catch((cause: unknown) => {
      throw missing(folder, cause);
    });
    if (entries.includes(JOURNAL_FILE)) {
      const shards = readJournal(folder)?.spec?.["shards"];
      if (typeof shards === "string") {
        throw failure(
          `${folder} holds a part of a dataset, the shards ${shards}; put the parts together with 'vadi join'.`,
        );
      }
      throw failure(
        `${folder} holds a dataset that is not finished; run the 'vadi generate' that started it again with --resume.`,
      );
    }
    throw failure(`${folder} is not a dataset: it has no ${MANIFEST_FILE}.`);
  }
  return {
    manifest: parseJson(text, manifestSchema, file, "a dataset's manifest"),
    fingerprint: hashBytes(text),
  };
}

/**
 * Opens a dataset's folder. Sizes are compared with the manifest; contents are not read.
 *
 * @throws a failure that names the folder, manifest field or shard
 */
export async function openTable(source: string): Promise<DatasetTable> {
  if (source === "") throw usageError("The dataset's folder must be given.");
  const folder = path.resolve(source);
  let isFolder: boolean;
  try {
    isFolder = (await stat(folder)).isDirectory();
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw missing(folder, error);
    throw failure(`Could not open ${folder}: ${messageOf(error)}.`, error);
  }
  if (!isFolder) throw failure(`${folder} is a file, not the folder of a dataset.`);
  const { manifest, fingerprint } = await readManifest(folder);
  const { features, format } = manifest;
  const shards: ShardSource[] = [];
  for (const shard of manifest.shards) {
    const file = path.join(folder, shard.file);
    let found;
    try {
      found = await lstat(file);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") {
        throw failure(`Could not open shard ${file}: ${messageOf(error)}.`, error);
      }
      throw failure(`Shard ${file} is missing; check the dataset with 'vadi verify'.`, error);
    }
    if (!found.isFile()) throw failure(`Shard ${file} is not a plain file.`);
    if (found.size !== shard.bytes) {
      throw failure(
        `Shard ${file} has ${found.size} bytes, but the manifest says ${shard.bytes}; check the dataset with 'vadi verify'.`,
      );
    }
    shards.push({ file, format, rows: shard.rows, features, version: fileVersion(found) });
  }
  const columns = columnsOf(manifest);
  const warnings: string[] = [];
  const { rows } = manifest;
  return { path: folder, rows, features, manifest, columns, warnings, fingerprint, shards };
}
