import path from "node:path";
import { VERSION } from "../../common/version.js";
import { trueWeights, type RowSpec } from "../../generate/index.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { CHECKSUMS_FILE, checksumsText, type Checksum } from "../../files/checksums.js";
import type { Compression } from "../format/compression.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { hashBytes } from "../../files/hash.js";
import type { ColumnNames } from "../format/columns.js";
import type {
  ConvertedManifest,
  Manifest,
  ShardEntry,
  SyntheticManifest,
} from "../format/manifest.js";
import type { ShardFormat } from "../format/shard-format.js";
import { remoteOutputOf } from "../output/remote-output.js";

/** The program that writes datasets, as manifests and shards name it. */
export const GENERATOR: { name: string; version: string } = { name: "vadi", version: VERSION };

/** What the manifest of a synthetic dataset is made from. */
export interface ManifestParts {
  row: RowSpec;
  rows: number;
  format: ShardFormat;
  compression: Compression;
  shards: ShardEntry[];
  /** Only of two-layer-sigmoid data. */
  maxima: [number, number] | undefined;
  generator: { name: string; version: string };
}

/** The manifest of a synthetic dataset, and its text, which is the same whoever writes it. */
export function buildManifest(parts: ManifestParts): {
  manifest: SyntheticManifest;
  text: string;
} {
  const { row, rows, format, compression, shards, maxima, generator } = parts;
  const { kind, features, noise, seed } = row;
  const truth = trueWeights(row);
  const base = {
    formatVersion: 1,
    kind,
    rows,
    features,
    noise,
    seed,
    format,
    ...(compression !== "none" && { compression }),
  } as const;
  const rest = { shards, generator };
  let manifest: SyntheticManifest;
  if ("w" in truth) {
    manifest = { ...base, kind: "lsm", ...rest, truth: { w: [...truth.w] } };
  } else {
    if (maxima === undefined) throw new Error("Two-layer-sigmoid data has two maxima.");
    manifest = {
      ...base,
      kind: "two-layer-sigmoid",
      ...rest,
      truth: { w1: [...truth.w1], w2: [...truth.w2] },
      constants: { maxima },
    };
  }
  return { manifest, text: manifestText(manifest) };
}

/** The text of manifest.json. */
function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** The content of a dataset's checksum file. */
export function datasetChecksums(shards: readonly Checksum[], manifestSha256: string): string {
  return checksumsText([...shards, { file: MANIFEST_FILE, sha256: manifestSha256 }]);
}

/** Writes the checksums and then the manifest beside the shards. With the manifest, the dataset is complete. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = manifestText(manifest);
  const sums = datasetChecksums(manifest.shards, hashBytes(text));
  const remote = remoteOutputOf(folder);
  if (remote !== undefined) return remote.putManifest(text, sums);
  await writeFileAtomic(path.join(folder, CHECKSUMS_FILE), sums);
  await writeFileAtomic(path.join(folder, MANIFEST_FILE), text);
}

/** Writes the checksums and the manifest of a synthetic dataset. */
export async function writeSyntheticManifest(
  folder: string,
  parts: ManifestParts,
): Promise<SyntheticManifest> {
  const { manifest } = buildManifest(parts);
  await writeManifest(folder, manifest);
  return manifest;
}

/** What the manifest of a table is made from. */
export interface TableParts {
  rows: number;
  columns: ColumnNames;
  format: ShardFormat;
  compression: Compression;
  source: ConvertedManifest["source"];
  shards: ShardEntry[];
}

/** Writes the checksums and the manifest of a table that was written as a dataset. */
export async function writeTableManifest(
  folder: string,
  { rows, columns, format, compression, source, shards }: TableParts,
): Promise<ConvertedManifest> {
  const manifest: ConvertedManifest = {
    formatVersion: 1,
    kind: "table",
    rows,
    features: columns.features.length,
    format,
    ...(compression !== "none" && { compression }),
    columns,
    source,
    shards,
    generator: GENERATOR,
  };
  await writeManifest(folder, manifest);
  return manifest;
}
