import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode, usageError } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import type { ColumnNames } from "../format/columns.js";
import type { ForeignDescription, Manifest } from "../format/manifest.js";
import type { NumberType } from "../format/number-type.js";
import { absoluteLocation, locationIn } from "../format/location.js";
import { fileVersion } from "../format/open-file.js";
import type { ShardSource } from "../format/types.js";
import { whyMissing } from "../output/dataset-folder.js";
import { readManifest } from "./read-manifest.js";

/** Rows that can be read: the files of a dataset or of a foreign table, and their description. */
export interface Table {
  /** The folder, absolute, or its URL. */
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

/** The table of a dataset. */
export interface DatasetTable extends Table {
  manifest: Manifest;
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
    if (systemCode(error) === "ENOENT") throw failure(whyMissing(folder), error);
    throw failure(`Could not open ${folder}: ${messageOf(error)}.`, error);
  }
  if (!isFolder) throw failure(`${folder} is a file, not the folder of a dataset.`);
  const { manifest, fingerprint } = await readManifest(folder);
  const { rows, features, format } = manifest;
  const shards: ShardSource[] = [];
  await forEachLimited(manifest.shards.entries(), STATS_AT_ONCE, async ([index, shard]) => {
    const file = path.join(folder, shard.file);
    const found = await statShard(file, shard.bytes);
    shards[index] = { file, format, rows: shard.rows, features, version: fileVersion(found) };
  });
  const columns = columnsOf(manifest);
  return { path: folder, rows, features, manifest, columns, warnings: [], fingerprint, shards };
}

/** Shards that are looked at at once: a file system far away takes long to answer. */
const STATS_AT_ONCE = 64;

/**
 * Opens a dataset in a store. Its shards are not looked for.
 *
 * @throws a failure that names the object or manifest field
 */
export async function openRemoteTable(
  source: string,
  cache: { folder: string; size: number },
): Promise<DatasetTable> {
  const folder = absoluteLocation(source);
  const { manifest, fingerprint } = await readManifest(folder);
  const { rows, features, format } = manifest;
  const shards = manifest.shards.map(({ file: name, rows: shardRows, bytes, sha256 }) => ({
    file: locationIn(folder, name),
    format,
    rows: shardRows,
    features,
    remote: { folder, name, bytes, sha256, cache },
  }));
  const columns = columnsOf(manifest);
  return { path: folder, rows, features, manifest, columns, warnings: [], fingerprint, shards };
}

/** Checks that a shard is a file of the size that the manifest names. */
async function statShard(file: string, bytes: number): Promise<Stats> {
  let found: Stats;
  try {
    found = await lstat(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") {
      throw failure(`Could not open shard ${file}: ${messageOf(error)}.`, error);
    }
    throw failure(`Shard ${file} is missing; check the dataset with 'vadi verify'.`, error);
  }
  if (!found.isFile()) throw failure(`Shard ${file} is not a plain file.`);
  if (found.size !== bytes) {
    throw failure(
      `Shard ${file} has ${found.size} bytes, but the manifest says ${bytes}; check the dataset with 'vadi verify'.`,
    );
  }
  return found;
}

/** The names of a dataset's columns: those of the table that it was converted from, or x0 … x(D−1) and y. */
export function columnsOf(manifest: Manifest): ColumnNames {
  if (manifest.kind === "table") return manifest.columns;
  const features = Array.from({ length: manifest.features }, (_, feature) => `x${feature}`);
  return { features, target: "y" };
}
