import type { Database } from "../duckdb/database.js";
import { keepOrder } from "../duckdb/keep-order.js";
import { queryColumns, withoutSemicolon } from "../duckdb/query-columns.js";
import { needsFloat64 } from "../duckdb/row-stream.js";
import type { SqlColumn } from "../duckdb/types.js";
import { buildQuery, type PreparedQuery } from "./build-query.js";
import { chooseColumns } from "./choose-columns.js";
import { learn } from "./learn.js";
import type { Learned, PreparationOptions } from "./types.js";

/** What a table's rows become, and by which query. */
export interface Preparation extends PreparedQuery {
  learned: Learned;
  /** Whether the query's columns need more than float32. */
  float64: boolean;
  warnings: string[];
}

/** How a table is prepared. */
export interface PrepareOptions extends PreparationOptions {
  /** The user's query over the view `source`. */
  query: string | null;
}

/**
 * Finds the query that makes numbers of a table's columns: the user's own where its columns are all numbers and
 * no option asks for more, and a generated one around it or around the view `source` otherwise.
 *
 * @param columns of the view `source`
 * @param table its name, for errors
 * @throws as `chooseColumns`, `learn` and `buildQuery`; a failure in DuckDB's words for wrong SQL
 */
export async function prepare(
  database: Database,
  columns: readonly SqlColumn[],
  options: PrepareOptions,
  table: string,
  onRows: (rows: number) => void = () => {},
): Promise<Preparation> {
  const own = options.query === null ? undefined : withoutSemicolon(options.query);
  const known = own === undefined ? columns : await queryColumns(database, own);
  const isQuery = own !== undefined;
  const { chosen, warnings } = chooseColumns(known, options, {
    isQuery,
    table: isQuery ? "The query" : table,
  });
  const relation = own === undefined ? "source" : `(\n${own}\n)`;
  await keepOrder(database, `SELECT * FROM ${relation}`);
  const learned = await learn(database, relation, chosen, options, onRows);
  const isPlain =
    Object.keys(learned).length === 0 &&
    chosen.every(({ log, text }) => !log && text === undefined);
  const prepared: PreparedQuery =
    isPlain && own !== undefined
      ? { query: own, columns: namesOf(chosen) }
      : buildQuery(relation, chosen, learned);
  const result = await queryColumns(database, prepared.query);
  const names = new Set([...prepared.columns.features, prepared.columns.target]);
  return {
    ...prepared,
    learned,
    float64: needsFloat64(result.filter(({ name }) => names.has(name))),
    warnings,
  };
}

function namesOf(chosen: readonly { name: string; isTarget: boolean }[]): PreparedQuery["columns"] {
  return {
    features: chosen.filter(({ isTarget }) => !isTarget).map(({ name }) => name),
    target: chosen.find(({ isTarget }) => isTarget)!.name,
  };
}
