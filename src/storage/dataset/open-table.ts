import { lstatSync, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { failure, messageOf, systemCode, usageError } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { lstat } from "../../files/lstat.js";
import type { ColumnNames } from "../format/columns.js";
import type { ForeignDescription, Manifest, ShardEntry } from "../format/manifest.js";
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
  await statShards(folder, manifest.shards, (index, found) => {
    const { file, rows: shardRows } = manifest.shards[index]!;
    const version = fileVersion(found);
    shards[index] = { file: path.join(folder, file), format, rows: shardRows, features, version };
  });
  const columns = columnsOf(manifest);
  return { path: folder, rows, features, manifest, columns, warnings: [], fingerprint, shards };
}

/** Shards that are looked at between two turns of the event loop; the first so many show how far away the disk is. */
const STATS_A_TURN = 64;
/** Shards of a disk far away that are looked at at once: it takes long to answer. */
const STATS_AT_ONCE = 64;
/** Where the fastest call takes less than this, in milliseconds, it takes longer to have another thread make it. */
const NEAR = 0.05;

/** Looks at all shards: a hundred thousand take half a second on a near disk. */
async function statShards(
  folder: string,
  entries: readonly ShardEntry[],
  found: (index: number, stats: Stats) => void,
): Promise<void> {
  let fastest = 0;
  for (let first = 0; first < entries.length; first += STATS_A_TURN) {
    const some = [...entries.slice(first, first + STATS_A_TURN).entries()];
    const isNear = fastest < NEAR;
    const times: number[] = [];
    await forEachLimited(some, isNear ? 1 : STATS_AT_ONCE, async ([index, { file, bytes }]) => {
      const started = performance.now();
      found(first + index, await statShard(path.join(folder, file), bytes, isNear));
      times.push(performance.now() - started);
    });
    if (first === 0) fastest = Math.min(...times);
    await nextTurn();
  }
}

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
async function statShard(file: string, bytes: number, isNear: boolean): Promise<Stats> {
  let found: Stats;
  try {
    found = isNear ? lstatSync(file) : await lstat(file);
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
