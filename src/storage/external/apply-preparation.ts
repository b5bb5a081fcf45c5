import path from "node:path";
import { failure, usageError } from "../../common/errors.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import type { OnProgress } from "../../common/progress.js";
import { openDatabase } from "../duckdb/database.js";
import { keepOrder } from "../duckdb/keep-order.js";
import { queryColumns } from "../duckdb/query-columns.js";
import { needsFloat64, startRows } from "../duckdb/row-stream.js";
import { createSourceView } from "../duckdb/source-view.js";
import { withoutColumns } from "../duckdb/without-columns.js";
import { isFullDisk } from "../dataset/shard-file.js";
import { GENERATOR, writeManifest } from "../dataset/write-manifest.js";
import type { RecordedPreparation } from "../format/manifest.js";
import { maximumShardRows, rowBytes } from "../format/shard-format.js";
import { inDatasetFolder } from "../output/dataset-folder.js";
import { removeJournal } from "../output/journal.js";
import { writeStream } from "../streamed/write-stream.js";
import { readBySql } from "./open-plan.js";
import { findSource, sourceName, stateOf } from "./sql-source.js";

const OTHER_FOLDER = "free some space, or name a folder of another disk in TMPDIR";

/** How new files are prepared. */
export interface ApplyOptions {
  /** The folder of the dataset that is written; it must not exist. */
  out: string;
  invalid: "error" | "drop";
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/**
 * Prepares new files as an earlier source was: runs its query over them, and writes the rows as a dataset. Files
 * without the target give rows without it: their targets are NaN, and conditions on it are left out of the query.
 *
 * @throws a usage error where the files lack a column that a feature needs
 */
export async function applyPreparation(
  source: string | readonly string[],
  { query, columns, csvOptions = {}, outputs }: RecordedPreparation,
  { out, invalid, signal, onProgress }: ApplyOptions,
): Promise<{ hasTarget: boolean; warnings: string[] }> {
  const found = await findSource(typeof source === "string" ? [source] : source);
  const name = sourceName(found);
  const { fingerprint } = await stateOf(found);
  const database = await openDatabase(signal === undefined ? {} : { signal });
  try {
    const read = found.format === "csv" ? csvOptions : {};
    const view = await createSourceView(database, readBySql(found), read, columns, signal);
    const has = new Set(view.columns.map((column) => column.name.toLowerCase()));
    const absent = columns.filter((column) => !has.has(column.name.toLowerCase()));
    const reduced =
      absent.length === 0
        ? { query, missing: [] }
        : await withoutColumns(
            database,
            query,
            absent.map((column) => column.name),
          );
    const missing = new Set(reduced.missing);
    const feature = outputs.features.find((one) => missing.has(one.toLowerCase()));
    if (feature !== undefined) {
      const names = absent.map((column) => column.name).join(", ");
      throw usageError(`${name} lacks ${names}, and the feature ${feature} needs it.`);
    }
    const hasTarget = !missing.has(outputs.target.toLowerCase());
    const known = await queryColumns(database, reduced.query);
    await keepOrder(database, reduced.query);
    const { features } = outputs;
    const wanted = new Set([...features, ...(hasTarget ? [outputs.target] : [])]);
    const float64 = needsFloat64(known.filter((column) => wanted.has(column.name)));
    const target = hasTarget ? outputs.target : undefined;
    // Counted before the rows are asked for: the next statement of a connection ends the one that streams.
    if (found.format === "parquet" || found.format === "duckdb") {
      // Of other files the rows are known only once they are read.
      const [counted] = await database.rows("SELECT count(*) AS n FROM source");
      await checkFreeSpace(path.dirname(out), Number(counted?.["n"]) * rowBytes(features.length), {
        what: `Preparing the rows of ${name}`,
        advice: OTHER_FOLDER,
      });
    }
    const rows = await startRows(database, {
      query: reduced.query,
      features,
      target,
      float64,
      invalid,
      source: name,
    });
    await inDatasetFolder(out, { resume: false, force: false }, async () => {
      const written = await writeStream(
        {
          rows,
          columns: outputs,
          format: "arrow",
          compression: "none",
          shardRows: Math.min(1_000_000, maximumShardRows(features.length)),
          identity: { source: fingerprint, query },
          signal,
          onRows: (done) => onProgress?.({ phase: "preparing", done, total: done, unit: "rows" }),
        },
        out,
        false,
      );
      if (written.rows === 0) throw failure(`The query of the run leaves no row of ${name}.`);
      await writeManifest(out, {
        formatVersion: 1,
        kind: "table",
        rows: written.rows,
        features: features.length,
        format: "arrow",
        columns: outputs,
        source: { fingerprint, rows: written.rows + written.dropped, dropped: written.dropped },
        shards: written.shards,
        generator: GENERATOR,
      });
      await removeJournal(out);
    });
    return { hasTarget, warnings: view.notes };
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    throw failure(
      `The disk of ${path.dirname(out)} is full, where the prepared rows of ${name} lie; ${OTHER_FOLDER}.`,
      error,
    );
  } finally {
    await database.close();
  }
}
