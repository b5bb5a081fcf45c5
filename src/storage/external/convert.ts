import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { throwIfAborted, usageError } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import { checkFreeSpace } from "../../files/free-space.js";
import { checkOutputFolder } from "../../files/output-folder.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { checkCompression, type Compression } from "../format/compression.js";
import type { ConvertTask } from "./convert-shard.js";
import { GENERATOR, writeManifest, writeSyntheticManifest } from "../dataset/write-manifest.js";
import { convertOptions } from "../options.js";
import { JOURNAL_FILE, type Journal } from "../output/journal.js";
import {
  checkOutput,
  DATASET_FOLDER,
  inDatasetFolder,
  makeOrReplace,
} from "../output/dataset-folder.js";
import type { ConvertedManifest, Manifest, ShardEntry } from "../format/manifest.js";
import { createTablePool, openSource, type SourceOptions } from "./open-source.js";
import { clearTemporary, readEarlier, resumeShards } from "../output/resume-shards.js";
import {
  maximumShardRows,
  rowBytes,
  shardFile,
  type ShardDescription,
  type ShardFormat,
} from "../format/shard-format.js";
import { mergeRounding, roundingWarnings, type ColumnRounding } from "../format/column-rounding.js";
import { exceedsFloat32 } from "../format/number-type.js";
import { writeShardAtomic } from "../dataset/shard-file.js";
import type { Table } from "../dataset/open-table.js";
import { withChecksums } from "../dataset/verify-on-read.js";

/** Shards of a dataset at the most, as for those that are generated. */
const SHARDS = 100_000;
const DEFAULT_ROWS = 1_000_000;

const TO_KEEP_DIGITS = "train on the source itself with --standardize";

/** What to convert to. */
export type ConvertOptions = GivenOptions<typeof convertOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/** What was written. */
export interface ConvertedDataset {
  /** The folder, absolute. */
  path: string;
  manifest: Manifest;
  /** Of all shards together. */
  bytes: number;
  /** Rows of the source that had invalid values. */
  dropped: number;
  warnings: string[];
}

interface ConvertJob {
  table: Table;
  out: string;
  format: ShardFormat;
  compression: Compression;
  shardRows: number;
  workers: number;
  force: boolean;
  options: Pick<SourceOptions, "signal" | "onProgress">;
}

/**
 * Makes a dataset of a table: another dataset, Parquet, Arrow or CSV files. Values are rounded to
 * float32 once, so those of float32 columns stay as they are to the bit. A synthetic dataset stays
 * one: converted, it has the very bytes that generating it in that format makes. Streams a record
 * batch at a time; every shard is read back and compared before it counts as finished. The same
 * source gives the same bytes with any number of workers, interrupted or not.
 *
 * @throws a usage error for a wrong option; a failure where the source cannot be read or has invalid
 *   values, the folder is taken or the disk is full; an interruption when aborted
 */
export async function convert(
  source: string | readonly string[],
  options: ConvertOptions,
): Promise<ConvertedDataset> {
  const output = checkOutput(options);
  const filled = fillOptions(convertOptions, options);
  const { format, compression } = filled;
  checkCompression(format, compression);
  throwIfAborted(options.signal);
  // Before the source is opened, which may take a pass over it.
  await checkOutputFolder(output.out, DATASET_FOLDER, output);
  const table = await openSource(source, options);
  const largest = maximumShardRows(table.features);
  const inSource = table.manifest.kind === "foreign" ? undefined : table.shards[0]?.rows;
  const shardRows = Math.min(filled.shardRows ?? inSource ?? DEFAULT_ROWS, largest);
  if (table.rows / shardRows > SHARDS) {
    throw usageError(
      (option) =>
        `${table.rows} rows would be more than ${SHARDS} shards of ${shardRows} rows: choose fewer features or a larger ${option("shardRows")}.`,
    );
  }
  const { signal, onProgress } = options;
  const job: ConvertJob = {
    // The shards of a dataset are checked before they are read.
    table: withChecksums(table) ?? table,
    out: output.out,
    format,
    compression,
    shardRows,
    workers: filled.workers ?? availableParallelism(),
    force: output.force,
    options: { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  };
  return makeOrReplace(output, (folder, resuming) => convertInto(job, folder, resuming));
}

/** What the rows are, as each shard's metadata says. */
function specOf({ manifest, features, columns }: Table): Pick<ShardDescription, "spec" | "maxima"> {
  if (manifest.kind === "table" || manifest.kind === "foreign") {
    return { spec: { kind: "table", features, columns } };
  }
  const { kind, noise, seed } = manifest;
  return {
    spec: { kind, features, noise, seed },
    ...(manifest.kind === "two-layer-sigmoid" && { maxima: manifest.constants.maxima }),
  };
}

/** What decides the bytes; an interrupted conversion is continued only for the same. */
function identity({ table, format, compression, shardRows }: ConvertJob): Record<string, unknown> {
  const { fingerprint, rows, columns } = table;
  return {
    source: fingerprint,
    rows,
    columns,
    format,
    compression,
    shardRows,
    generator: GENERATOR,
  };
}

function convertInto(job: ConvertJob, folder: string, resume: boolean): Promise<ConvertedDataset> {
  const { table, out, force } = job;
  return inDatasetFolder(folder, { resume, force }, async () => {
    const { shards, rounding } = await convertShards(job, folder, resume);
    // Later it is whole.
    throwIfAborted(job.options.signal);
    const manifest = await finish(job, folder, shards);
    await rm(path.join(folder, JOURNAL_FILE), { force: true });
    const { dropped } = table.manifest.kind === "foreign" ? table.manifest : { dropped: 0 };
    const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
    const names = [...table.columns.features, table.columns.target];
    const warnings = [
      ...table.warnings,
      ...(rounding === undefined ? [] : roundingWarnings(names, rounding, TO_KEEP_DIGITS)),
    ];
    return { path: out, manifest, bytes, dropped, warnings };
  });
}

async function convertShards(
  job: ConvertJob,
  folder: string,
  resume: boolean,
): Promise<{ shards: ShardEntry[]; rounding: ColumnRounding[] | undefined }> {
  const { table, format, shardRows, workers } = job;
  const { signal, onProgress } = job.options;
  const earlier = readEarlier(folder, resume, identity(job));
  if (job.compression === "none") {
    await checkFreeSpace(folder, table.rows * rowBytes(table.features), { what: "The dataset" });
  }
  const count = Math.ceil(table.rows / shardRows);
  const pool = createTablePool(Math.min(workers, count));
  let journal: Journal | undefined;
  try {
    const resumed = await resumeShards(folder, identity(job), earlier, undefined, workers, (file) =>
      pool.run({ type: "hash", file }, signal),
    );
    ({ journal } = resumed);
    const { finished } = resumed;
    const entries: ShardEntry[] = Array.from({ length: count });
    // By the shards' numbers, and merged in their order: the same sums with any number of workers.
    const rounding = new Map<number, ColumnRounding[]>();
    let done = 0;
    let bytes = 0;
    await forEachLimited(entries.keys(), workers, async (shard) => {
      const firstRow = shard * shardRows;
      const rows = Math.min(shardRows, table.rows - firstRow);
      const file = shardFile(shard, format);
      let entry = finished.get(file);
      let lost = earlier?.rounding.get(file);
      if (entry?.rows !== rows) {
        entry = await writeShardAtomic(path.join(folder, file), async (temporary) => {
          const made = await pool.run(taskOf(job, temporary, firstRow, rows), signal);
          if (typeof made !== "object" || !("shard" in made)) {
            throw new Error("A converted shard has an entry.");
          }
          lost = made.rounding;
          return made.shard;
        });
        await resumed.journal.write({ shard: entry, ...(lost && { rounding: lost }) });
      }
      if (lost !== undefined) rounding.set(shard, lost);
      entries[shard] = entry;
      done += rows;
      bytes += entry.bytes;
      onProgress?.({ phase: "converting", done, total: table.rows, unit: "rows", bytes });
    });
    const ordered = [...entries.keys()].flatMap((shard) => {
      const lost = rounding.get(shard);
      return lost === undefined ? [] : [lost];
    });
    return {
      shards: entries,
      rounding: ordered.length === 0 ? undefined : ordered.reduce(mergeRounding),
    };
  } finally {
    journal?.close();
    await pool.close();
    await clearTemporary(folder);
  }
}

function taskOf(job: ConvertJob, file: string, firstRow: number, rows: number): ConvertTask {
  const { table, format, compression } = job;
  const sources: ConvertTask["sources"] = [];
  const pieces: ConvertTask["pieces"] = [];
  let start = 0;
  for (const shard of table.shards) {
    const from = Math.max(firstRow, start);
    const to = Math.min(firstRow + rows, start + shard.rows);
    if (from < to) {
      pieces.push({ source: sources.length, first: from - start, rows: to - from });
      sources.push(shard);
    }
    start += shard.rows;
  }
  const description = { ...specOf(table), firstRow, rows, generator: GENERATOR };
  const float64 = table.types?.some(exceedsFloat32) ?? false;
  return { type: "convert", file, format, compression, description, sources, pieces, float64 };
}

/** Writes the manifest: of the same kind and truth where the source is a dataset. */
async function finish(job: ConvertJob, folder: string, shards: ShardEntry[]): Promise<Manifest> {
  const { table, format, compression } = job;
  const { manifest: from, rows, features, columns, fingerprint } = table;
  if (from.kind !== "table" && from.kind !== "foreign") {
    const { kind, noise, seed } = from;
    return writeSyntheticManifest(folder, {
      row: { kind, features, noise, seed },
      rows,
      format,
      compression,
      shards,
      maxima: from.kind === "two-layer-sigmoid" ? from.constants.maxima : undefined,
      generator: GENERATOR,
    });
  }
  const manifest: ConvertedManifest = {
    formatVersion: 1,
    kind: "table",
    rows,
    features,
    format,
    ...(compression !== "none" && { compression }),
    columns,
    source:
      from.kind === "table"
        ? from.source
        : { fingerprint, rows: rows + from.dropped, dropped: from.dropped },
    shards,
    generator: GENERATOR,
  };
  await writeManifest(folder, manifest);
  return manifest;
}
