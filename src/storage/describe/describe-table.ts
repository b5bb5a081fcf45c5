import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import { openDatabase } from "../duckdb/database.js";
import { createSourceView } from "../duckdb/source-view.js";
import { describeOptions } from "../options.js";
import { describeColumns } from "./describe-columns.js";
import type { DescribedColumn } from "./types.js";
import type { SourceFormat } from "../reading/file-format.js";
import { readBySql } from "../external/open-plan.js";
import { findSource } from "../external/sql-source.js";

/** The options of `describeTable`. */
export type DescribeOptions = GivenOptions<typeof describeOptions> & { signal?: AbortSignal };

/** What a table of another program has. */
export interface TableDescription {
  /** Absolute paths. */
  files: string[];
  format: SourceFormat;
  rows: number;
  columns: DescribedColumn[];
  /** Sentences about how the files are read. */
  notes: string[];
}

/**
 * Describes all columns of a table that `convert` reads: type, missing values, extremes, and what each option of
 * `convert` would make of it. It takes two streamed passes over all rows, or two for every 500 columns.
 *
 * @param source files, folders or patterns of one table, or `FILE.duckdb#TABLE`
 * @throws as `convert` where the files cannot be read
 */
export async function describeTable(
  source: string | readonly string[],
  options: DescribeOptions = {},
): Promise<TableDescription> {
  const { csvOption, categories } = fillOptions(describeOptions, options);
  const { signal } = options;
  const found = await findSource(typeof source === "string" ? [source] : source);
  const database = await openDatabase(signal === undefined ? {} : { signal });
  try {
    const view = await createSourceView(database, readBySql(found), csvOption ?? {}, [], signal);
    const described = await describeColumns(database, "source", view.columns, categories);
    return { files: found.files, format: found.format, ...described, notes: view.notes };
  } finally {
    await database.close();
  }
}
