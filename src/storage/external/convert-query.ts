import { failure, isInterruption, throwIfAborted } from "../../common/errors.js";
import { shellWord } from "../../common/command-line.js";
import { roundingWarnings } from "../format/column-rounding.js";
import type { Compression } from "../format/compression.js";
import { SQL_TYPE, type ConvertedManifest } from "../format/manifest.js";
import { maximumShardRows, type ShardFormat } from "../format/shard-format.js";
import { isFullDisk } from "../dataset/shard-file.js";
import { GENERATOR, writeTableManifest } from "../dataset/write-manifest.js";
import type { SourceView } from "../duckdb/source-view.js";
import { startRows, type RowBlock } from "../duckdb/row-stream.js";
import { inDatasetFolder, makeOrReplace, type OutputFolder } from "../output/dataset-folder.js";
import { removeJournal } from "../output/journal.js";
import { removeUnfinished } from "../output/resume-shards.js";
import { writeStream, type StreamedShards } from "../streamed/write-stream.js";
import type { PlanOptions } from "../prepare/types.js";
import { openPlan, type OpenPlan } from "./open-plan.js";
import { sourceName, stateOf, type FoundSource, type SourceState } from "./sql-source.js";
import type { ConvertedDataset } from "../dataset/converted-dataset.js";

const DEFAULT_ROWS = 1_000_000;

const TO_KEEP_DIGITS = "subtract it in a query";

/** A conversion by a query, whose options are checked. */
export interface QueryJob {
  found: FoundSource;
  output: OutputFolder;
  format: ShardFormat;
  compression: Compression;
  shardRows: number | null;
  invalid: "error" | "drop";
  /** Threads; null: one per core. */
  workers: number | null;
  options: PlanOptions;
}

/**
 * Converts what DuckDB reads: the rows of a query, in its order, are written to shards as they come.
 *
 * @throws a failure in DuckDB's words where files or SQL are wrong; a failure that names column and row of an
 *   invalid value
 */
export async function convertQuery(job: QueryJob): Promise<ConvertedDataset> {
  const [state, { plan, rows }] = await opened(job);
  try {
    return await makeOrReplace(
      job.output,
      (folder, resume) =>
        inDatasetFolder(folder, { resume, force: job.output.force }, () =>
          writeRows(job, { plan, rows }, state, folder, resume).catch(async (error: unknown) => {
            if (isResumable(error)) throw error;
            await removeUnfinished(folder);
            // Why the rows could not be read.
            state.check();
            throw error;
          }),
        ),
      job.options.signal,
    );
  } finally {
    await plan.database.close();
  }
}

/** A plan whose query has started. */
interface Started {
  plan: OpenPlan;
  rows: AsyncGenerator<RowBlock, void, void>;
}

/** Identifies the files in a thread while their columns are found and their first rows are read. */
async function opened(job: QueryJob): Promise<[SourceState, Started]> {
  const { found, options } = job;
  const [state, started] = await Promise.allSettled([
    stateOf(found, options.signal),
    openPlan(found, options).then((plan) => start(job, plan)),
  ]);
  if (state.status === "fulfilled" && started.status === "fulfilled") {
    return [state.value, started.value];
  }
  if (started.status === "fulfilled") await started.value.plan.database.close();
  throw started.status === "rejected" ? started.reason : (state as PromiseRejectedResult).reason;
}

async function start({ found, invalid }: QueryJob, plan: OpenPlan): Promise<Started> {
  const { query, columns, float64 } = plan.preparation;
  const source = sourceName(found);
  try {
    const wanted = { query, ...columns, float64, invalid, source };
    return { plan, rows: await startRows(plan.database, wanted) };
  } catch (error) {
    await plan.database.close();
    throw error;
  }
}

/** Whether the finished shards are of use after an error. */
function isResumable(error: unknown): boolean {
  return isInterruption(error) || isFullDisk(error);
}

async function writeRows(
  job: QueryJob,
  { plan, rows }: Started,
  state: SourceState,
  folder: string,
  resume: boolean,
): Promise<ConvertedDataset> {
  const { format, compression, invalid } = job;
  const { signal, onProgress } = job.options;
  const { query, columns } = plan.preparation;
  const name = sourceName(job.found);
  const { fingerprint } = state;
  const shardRows = Math.min(
    job.shardRows ?? DEFAULT_ROWS,
    maximumShardRows(columns.features.length),
  );
  const written = await writeStream(
    {
      rows,
      columns,
      format,
      compression,
      shardRows,
      workers: job.workers ?? undefined,
      identity: {
        source: fingerprint,
        query,
        columns,
        invalid,
        format,
        compression,
        shardRows,
        csvOptions: plan.view.csvOptions,
        generator: GENERATOR,
      },
      signal,
      onRows: (done, bytes) =>
        onProgress?.({
          phase: "converting",
          done,
          total: done,
          unit: "rows",
          ...(bytes > 0 && { bytes }),
        }),
    },
    folder,
    resume,
  );
  checkRows(written, name);
  state.check();
  throwIfAborted(signal);
  const manifest = await writeTableManifest(folder, {
    rows: written.rows,
    columns,
    format,
    compression,
    source: sourceOf(plan, written, fingerprint),
    shards: written.shards,
  });
  await removeJournal(folder);
  const { rounding, dropped } = written;
  const names = [...columns.features, columns.target];
  return {
    path: job.output.out,
    manifest,
    bytes: written.shards.reduce((sum, { bytes }) => sum + bytes, 0),
    dropped,
    warnings: [
      ...plan.warnings,
      ...(rounding === undefined ? [] : roundingWarnings(names, rounding, TO_KEEP_DIGITS)),
      ...(dropped === 0
        ? []
        : [`${dropped} of ${written.rows + dropped} rows have invalid values and were dropped.`]),
    ],
  };
}

function writable(options: SourceView["csvOptions"]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === "string" ? value : [...value],
    ]),
  );
}

function checkRows({ rows, dropped }: StreamedShards, name: string): void {
  if (rows > 0) return;
  throw failure((option) =>
    dropped === 0
      ? `${shellWord(name)} has no rows.`
      : `All ${dropped} rows of ${name} have invalid values; choose other ${option("features")}, or fill them in with ${option("impute")}.`,
  );
}

/** The source as the manifest describes it. */
function sourceOf(
  { view, preparation }: OpenPlan,
  { rows, dropped }: StreamedShards,
  fingerprint: string,
): ConvertedManifest["source"] {
  const { query, learned } = preparation;
  return {
    fingerprint,
    rows: rows + dropped,
    dropped,
    query,
    columns: view.columns
      .filter(({ type }) => SQL_TYPE.test(type))
      .map(({ name, type }) => ({ name, type })),
    ...(Object.keys(view.csvOptions).length > 0 && { csvOptions: writable(view.csvOptions) }),
    ...(Object.keys(learned).length > 0 && { learned }),
  };
}
