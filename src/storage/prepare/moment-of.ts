import { identifier, literal } from "../duckdb/database.js";
import { isText } from "./choose-columns.js";
import type { SqlColumn } from "../duckdb/types.js";

/** A column as a moment in SQL. A text that is no date is an error, not a missing value. */
export function momentOf(column: SqlColumn): string {
  const name = identifier(column.name);
  if (!isText(column)) return `CAST(${name} AS TIMESTAMP)`;
  const before = literal(`Column ${column.name} has "`);
  const after = literal('", which is no date; leave the column out, or convert it in a query.');
  return `coalesce(TRY_CAST(${name} AS TIMESTAMP), CASE WHEN ${name} IS NOT NULL THEN error(${before} || ${name} || ${after}) END)`;
}
