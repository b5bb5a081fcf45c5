import { literal, literals, type Database } from "./database.js";
import type { CsvOptions } from "./text-columns.js";
import type { SqlColumn } from "./types.js";

/** What DuckDB found out about a CSV file. */
export interface CsvDialect {
  delim: string;
  /** For `read_csv`, besides what the user gave; undefined where that says more than how fields are divided and read. */
  read: string[] | undefined;
}

/** Options that say how fields are divided and read. */
const OF_FIELDS = new Set([
  "decimal_separator",
  "delim",
  "encoding",
  "escape",
  "header",
  "ignore_errors",
  "null_padding",
  "nullstr",
  "quote",
  "skip",
  "thousands",
]);

/** Types that need no format of dates. */
const NUMBERS = /^(?:DOUBLE|FLOAT|BOOLEAN|U?(?:TINY|SMALL|BIG)?INT(?:EGER)?)$/;

/** Finds out how a CSV file is read. */
export async function findDialect(
  database: Database,
  file: string,
  options: CsvOptions,
): Promise<CsvDialect> {
  const isComplete = Object.keys(options).every((name) => OF_FIELDS.has(name));
  if (!isComplete && typeof options["delim"] === "string") {
    return { delim: options["delim"], read: undefined };
  }
  const known = Object.fromEntries(Object.entries(options).filter(([name]) => OF_FIELDS.has(name)));
  const given = [literal(file), ...namedOptions(known)].join(", ");
  const [row = {}] = await database.rows(`FROM sniff_csv(${given})`);
  const found: Record<string, unknown> = {
    delim: row["Delimiter"],
    quote: row["Quote"],
    escape: row["Escape"],
    new_line: row["NewLineDelimiter"],
    comment: row["Comment"],
    skip: row["SkipRows"],
    header: row["HasHeader"],
  };
  const { delim = found["delim"] ?? "," } = options;
  const read = [
    "auto_detect = false",
    ...Object.entries(found)
      .filter(([name, value]) => options[name] === undefined && value !== null)
      .map(([name, value]) => `${name} = ${literal(value === "(empty)" ? "" : String(value))}`),
  ];
  return { delim: String(delim), read: isComplete ? read : undefined };
}

/** Options as arguments. */
export function namedOptions(options: CsvOptions): string[] {
  return Object.entries(options).map(
    ([name, value]) => `${name} = ${typeof value === "string" ? literal(value) : literals(value)}`,
  );
}

/**
 * The arguments for a file whose columns are numbers, with which no statement has to find them out again: that takes
 * some 70 ms each. Undefined where other columns are among them, whose formats DuckDB finds in the values.
 *
 * @param asDouble columns that are read as DOUBLE, whatever their type is
 */
export function numberArguments(
  { read }: CsvDialect,
  columns: readonly SqlColumn[],
  asDouble: readonly string[],
): string[] | undefined {
  if (read === undefined) return undefined;
  if (!columns.every(({ type }) => NUMBERS.test(type))) return undefined;
  const types = columns.map(
    ({ name, type }) => `${literal(name)}: ${literal(asDouble.includes(name) ? "DOUBLE" : type)}`,
  );
  return [...read, `columns = {${types.join(", ")}}`];
}
