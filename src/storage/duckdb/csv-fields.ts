import { failure } from "../../common/errors.js";
import { counted } from "../../common/text/plurals.js";
import { literal, type Database } from "./database.js";
import type { CsvOptions } from "./text-columns.js";

/** What may divide fields, and what a column's name hardly contains. */
const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Rows in which a line with another number of fields is searched. */
const SEARCHED_ROWS = 100_000;

/** Whether a table of one column is a header that was not divided. */
export function isUndivided(columns: readonly { name: string }[]): boolean {
  return columns.length === 1 && DELIMITERS.some((one) => columns[0]!.name.includes(one));
}

/**
 * Throws a failure that names the first line of a CSV file that has more or fewer fields than its header: DuckDB then
 * finds no delimiter, or takes each line for one text. Returns where there is no such line in the first rows.
 *
 * @param header the first line
 */
export async function checkFields(
  database: Database,
  file: string,
  header: string,
  options: CsvOptions,
): Promise<void> {
  const delim = typeof options["delim"] === "string" ? options["delim"] : likelyDelimiter(header);
  if (delim === undefined) return;
  const encoding = options["encoding"];
  const read = [
    literal(file),
    `delim = ${literal(delim)}`,
    ...(typeof encoding === "string" ? [`encoding = ${literal(encoding)}`] : []),
    "header = true, all_varchar = true, ignore_errors = true, store_rejects = true",
  ].join(", ");
  await database.run(`SELECT count(*) FROM (FROM read_csv(${read}) LIMIT ${SEARCHED_ROWS})`);
  const [found] = await database.rows(
    "SELECT line, error_message AS message FROM reject_errors WHERE error_type LIKE '%COLUMNS' ORDER BY line LIMIT 1",
  );
  const [, expected, had] =
    /Columns: (\d+) Found: (\d+)/.exec(String(found?.["message"] ?? "")) ?? [];
  if (found === undefined || expected === undefined || had === undefined) return;
  throw failure(
    (option) =>
      `Line ${String(found["line"])} of ${file} has ${counted(Number(had), "field")}, and its header has ${expected}; correct the file, leave out such lines with ${option("csvOption")} ignore_errors=true, or fill in what is missing at their end with null_padding=true.`,
  );
}

/** What occurs most often in a header. */
function likelyDelimiter(header: string): string | undefined {
  const counts = DELIMITERS.map((one) => header.split(one).length - 1);
  const most = Math.max(...counts);
  return most === 0 ? undefined : DELIMITERS[counts.indexOf(most)];
}
