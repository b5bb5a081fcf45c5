import {
  fillOptions,
  type FilledOptions,
  type GivenOptions,
} from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import { openDatabase, type Database } from "../duckdb/database.js";
import { createSourceView, type SourceView, type SqlSource } from "../duckdb/source-view.js";
import { prepare, type Preparation } from "../prepare/prepare.js";
import { preparationOptions, tableOptions } from "../options.js";
import { findSource, sourceName, type FoundSource } from "./sql-source.js";

/** The options that say what a table's columns become. */
export const planOptions = { ...tableOptions, ...preparationOptions };

/** How a table is to be converted. */
export type PlanOptions = GivenOptions<typeof planOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/** What a conversion would do. */
export interface ConversionPlan {
  /** The query over the view `source` whose rows become the dataset. */
  query: string;
  columns: { features: string[]; target: string };
  /** What was learned from the values, by column of the source. */
  learned: Preparation["learned"];
  warnings: string[];
}

/** A plan whose database is open. */
export interface OpenPlan {
  database: Database;
  view: SourceView;
  preparation: Preparation;
  warnings: string[];
}

/**
 * Finds what `convert` would make of a table, without writing it.
 *
 * @throws as `convert`
 */
export async function planConversion(
  source: string | readonly string[],
  options: PlanOptions,
): Promise<ConversionPlan> {
  const found = await findSource(typeof source === "string" ? [source] : source);
  const { database, preparation, warnings } = await openPlan(found, options);
  await database.close();
  const { query, columns, learned } = preparation;
  return { query, columns, learned, warnings };
}

/** Opens a source in a database, and finds its query. The caller closes the database. */
export async function openPlan(found: FoundSource, options: PlanOptions): Promise<OpenPlan> {
  const filled = fillOptions(planOptions, options);
  const { signal, onProgress } = options;
  const database = await openDatabase(signal === undefined ? {} : { signal });
  try {
    const view = await createSourceView(
      database,
      readBySql(found),
      filled.csvOption ?? {},
      [],
      signal,
    );
    const columns = view.columns;
    const onRows = (rows: number): void =>
      onProgress?.({ phase: "learning", done: rows, total: rows, unit: "rows" });
    const name = sourceName(found);
    const preparation = await prepare(database, columns, prepared(filled), name, onRows);
    return { database, view, preparation, warnings: [...view.notes, ...preparation.warnings] };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function prepared(filled: FilledOptions<typeof planOptions>): Parameters<typeof prepare>[2] {
  return filled;
}

/** A source as DuckDB reads it. */
export function readBySql({ files, format, table }: FoundSource): SqlSource {
  return { files, format, ...(table !== undefined && { table }) };
}
