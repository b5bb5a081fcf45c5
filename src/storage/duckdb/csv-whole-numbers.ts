import { identifier, literal, type Database } from "./database.js";
import { NOT_WHOLE } from "./sql-error.js";
import type { CsvOptions } from "./text-columns.js";
import type { SqlColumn } from "./types.js";

/*
 * DuckDB finds the types of a CSV file's columns in its first rows. In a column of whole numbers it would round the
 * fractions of later rows without a word. Such a column is read as DOUBLE, checked, and turned into whole numbers.
 */

/** Rows in which numbers that DOUBLE does not hold are searched. */
const SEARCHED_ROWS = 20_000;
/** Whole numbers below this one, of either sign, are exact in DOUBLE. */
const EXACT = 2 ** 53;
/** With these the types are the user's, or those of all rows. */
const TYPED = new Set(["types", "dtypes", "columns", "column_types", "sample_size"]);

/** The columns of whole numbers that are to be checked: not those of numbers that DOUBLE does not hold, such as keys. */
export async function wholeColumns(
  database: Database,
  columns: readonly SqlColumn[],
  options: CsvOptions,
): Promise<string[]> {
  const names = columns.filter(({ type }) => type === "BIGINT").map(({ name }) => name);
  if (names.length === 0 || Object.keys(options).some((name) => TYPED.has(name))) return [];
  const largest = names.map(
    (name, at) => `max(abs(CAST(${identifier(name)} AS DOUBLE))) AS c${at}`,
  );
  const [row = {}] = await database.rows(
    `SELECT ${largest.join(", ")} FROM (FROM source LIMIT ${SEARCHED_ROWS})`,
  );
  return names.filter((_, at) => Number(row[`c${at}`] ?? 0) < EXACT);
}

/** What a view selects: all columns, those of whole numbers checked. */
export function checkedColumns(file: string, names: readonly string[]): string {
  if (names.length === 0) return "*";
  const checked = names.map((name) => {
    const column = identifier(name);
    const isWhole = `${column} IS NULL OR (${column} = trunc(${column}) AND abs(${column}) < ${EXACT})`;
    const message = `${literal(`Column ${name} of ${file} has `)} || ${column} || ${literal(`, ${NOT_WHOLE}.`)}`;
    return `CASE WHEN ${isWhole} THEN CAST(${column} AS BIGINT) ELSE error(${message}) END AS ${column}`;
  });
  return `* REPLACE (${checked.join(", ")})`;
}
