import { availableParallelism } from "node:os";
import { throwIfAborted, usageError } from "../../common/errors.js";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import { withChecksums } from "../dataset/verify-on-read.js";
import {
  GENERATOR,
  writeTableManifest,
  writeSyntheticManifest,
} from "../dataset/write-manifest.js";
import { roundingWarnings } from "../format/column-rounding.js";
import { checkCompression } from "../format/compression.js";
import type { Manifest, ShardEntry } from "../format/manifest.js";
import { absoluteLocation, isRemote } from "../format/location.js";
import { maximumShardRows } from "../format/shard-format.js";
import { convertOptions } from "../options.js";
import { removeJournal } from "../output/journal.js";
import {
  checkDatasetOutput,
  checkOutput,
  inDatasetFolder,
  makeOrReplace,
} from "../output/dataset-folder.js";
import { convertShards, type ConvertJob } from "./convert-shards.js";
import { inspectFile, isPlain } from "./inspect-file.js";
import type { ConvertedDataset } from "../dataset/converted-dataset.js";
import { isDataset, openSource } from "./open-source.js";
import { findSource, type FoundSource } from "./sql-source.js";

/** The most shards in a dataset, as for generated ones. */
const SHARDS = 100_000;
const DEFAULT_ROWS = 1_000_000;

const TO_KEEP_DIGITS = "train on the source itself with the option standardize";

/** What to convert to. */
export type ConvertOptions = GivenOptions<typeof convertOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/**
 * Converts a table (another dataset, or files that vadi or DuckDB reads) to a dataset. Values are rounded
 * to float32 once, so float32 columns keep every bit. A converted synthetic dataset has the same bytes
 * as one that is generated in the new format. Every shard is read back and compared before it counts as
 * finished. The same source gives the same bytes with any number of workers, interrupted or not.
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
  checkApart(source, output);
  // Before the source is opened, which may take a pass over it.
  await checkDatasetOutput(output, options.signal);
  const found = await sourceOfQuery(source, options);
  if (found !== undefined) {
    const { convertQuery } = await import("./convert-query.js");
    const { shardRows, invalid, workers } = filled;
    return convertQuery({
      found,
      output,
      format,
      compression,
      shardRows,
      invalid,
      workers,
      options,
    });
  }
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
    // Shards of a dataset are checked against their checksums before they are read.
    table: withChecksums(table) ?? table,
    out: output.out,
    format,
    compression,
    shardRows,
    workers: filled.workers ?? availableParallelism(),
    force: output.force,
    options: { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  };
  return makeOrReplace(output, (folder, resuming) => convertInto(job, folder, resuming), signal);
}

/** A folder's URL, as other spellings of it have it too. */
function named(folder: string): string {
  return absoluteLocation(folder).replace(/^s3:/i, "s3:");
}

/** Throws where a dataset in a store is to replace itself: it would be removed before it is read. */
function checkApart(
  source: string | readonly string[],
  { out, force }: ReturnType<typeof checkOutput>,
): void {
  const sources = typeof source === "string" ? [source] : source;
  if (!force || !isRemote(out) || !sources.some((one) => named(one) === named(out))) return;
  throw usageError(
    (option) =>
      `${out} is what is converted, and ${option("force")} would remove it first; choose another ${option("out")}.`,
  );
}

/** The options that only a query can meet. */
const QUERY_OPTIONS = [
  "query",
  "categorical",
  "impute",
  "dates",
  "log",
  "clip",
  "csvOption",
] as const;

/**
 * The files of a source that is read by a query. Datasets, and Parquet and Arrow files whose columns are copied,
 * are read without one.
 */
async function sourceOfQuery(
  source: string | readonly string[],
  options: ConvertOptions,
): Promise<FoundSource | undefined> {
  const sources = typeof source === "string" ? [source] : [...source];
  const needed = QUERY_OPTIONS.find((name) => options[name] !== undefined);
  if (sources.length === 1 && isDataset(sources[0]!)) {
    if (needed === undefined) return undefined;
    throw usageError(
      (option) => `${option(needed)} is for tables of other programs; ${sources[0]} is a dataset.`,
    );
  }
  const found = await findSource(sources);
  if (needed !== undefined || (found.format !== "parquet" && found.format !== "arrow"))
    return found;
  if (found.format === "arrow") return undefined;
  const { columns } = await inspectFile(found.files[0]!);
  const { features, target = "y" } = options;
  const wanted = columns.filter(
    ({ name }) => features === undefined || features.includes(name) || name === target,
  );
  if (wanted.some(({ type }) => type === "BOOLEAN")) return found;
  const numbers = wanted.filter(({ numeric }) => numeric);
  const isSimple = numbers.every(
    ({ numberType, type }) => SIMPLE.has(numberType) && !type.includes("DECIMAL"),
  );
  // Of other types DuckDB rounds some values twice. What is encoded it decodes in half the time.
  if (!isSimple) return undefined;
  const names = numbers.map(({ name }) => name);
  return (await isPlain(found.files[0]!, found.format, names)) ? undefined : found;
}

/** Types of numbers that float64 holds exactly. */
const SIMPLE: ReadonlySet<string | undefined> = new Set([
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "uint8",
  "uint16",
  "uint32",
]);

function convertInto(job: ConvertJob, folder: string, resume: boolean): Promise<ConvertedDataset> {
  const { table, out, force } = job;
  return inDatasetFolder(folder, { resume, force }, async () => {
    const { shards, rounding } = await convertShards(job, folder, resume);
    // After this, the dataset is complete.
    throwIfAborted(job.options.signal);
    const manifest = await finish(job, folder, shards);
    await removeJournal(folder);
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

/** Writes the manifest. If the source is a dataset, kind and true weights stay the same. */
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
  return writeTableManifest(folder, {
    rows,
    columns,
    format,
    compression,
    source:
      from.kind === "table"
        ? from.source
        : { fingerprint, rows: rows + from.dropped, dropped: from.dropped },
    shards,
  });
}
