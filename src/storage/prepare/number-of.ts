import { identifier } from "../duckdb/database.js";
import type { ChosenColumn } from "./types.js";

/** A column as a number in SQL; text that is none is null. */
export function numberOf({ name, type, text }: ChosenColumn): string {
  if (text !== undefined) return `TRY_CAST(${identifier(name)} AS DOUBLE)`;
  return type === "BOOLEAN" ? `CAST(${identifier(name)} AS TINYINT)` : identifier(name);
}
