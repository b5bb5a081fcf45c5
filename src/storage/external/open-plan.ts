import { fillOptions } from "../../common/options/options.js";
import { openDatabase, type Database } from "../duckdb/database.js";
import { createSourceView, type SourceView, type SqlSource } from "../duckdb/source-view.js";
import { planOptions } from "../options.js";
import { prepare, type Preparation } from "../prepare/prepare.js";
import type { PlanOptions } from "../prepare/types.js";
import { sourceName, type FoundSource } from "./sql-source.js";

/** A plan whose database is open. */
export interface OpenPlan {
  database: Database;
  view: SourceView;
  preparation: Preparation;
  warnings: string[];
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
    const preparation = await prepare(database, columns, filled, name, onRows);
    return { database, view, preparation, warnings: [...view.notes, ...preparation.warnings] };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A source as DuckDB reads it. */
export function readBySql({ files, format, table }: FoundSource): SqlSource {
  return { files, format, ...(table !== undefined && { table }) };
}
