import type { TextColumn } from "./text-columns.js";

/** A column of a table, as DuckDB names its type. */
export interface SqlColumn {
  name: string;
  type: string;
  /** Of a text column. */
  text?: TextColumn;
}
