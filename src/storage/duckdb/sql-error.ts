import { failure, messageOf, VadiError } from "../../common/errors.js";
import { quote } from "../../common/text/quote.js";

/** What the error of a number says that is not whole, in a column of whole numbers. */
export const NOT_WHOLE = "but whole numbers below 2^53 stand in the rows before";

/**
 * An error of DuckDB as a failure: its own words, without the settings of its CSV reader that it lists below
 * them. A field of a CSV file that is no number is a sentence of vadi's.
 */
export function sqlFailure(error: unknown): VadiError {
  if (error instanceof VadiError) return error;
  const message = messageOf(error);
  return (
    wholeFailure(message, error) ??
    csvFailure(message, error) ??
    csvOptionFailure(message, error) ??
    failure(shortened(message), error)
  );
}

/** The message up to the list of settings and advice; the place in the SQL, which may follow it, stays. */
function shortened(message: string): string {
  // The place in SQL that the user may have written; values that do not fit are no fault of the SQL.
  const isSql = /^(?:Parser|Binder|Catalog|Permission) Error/.test(message);
  const place = isSql ? placeOf(message) : "";
  const [text = message] = message.split(/\n\s*\n(?=LINE \d+:)|\n\s*Possible |\n\s*\n\s+file = /);
  const sentence = text
    .replace(/^Invalid Input Error: (?=Column )/, "")
    .split(/\n\s*Candidate functions:/)[0]!
    .trimEnd()
    .replaceAll(/\s*\n\s*/g, " ");
  return place === ""
    ? sentence.replace(/(?<![.!?])$/, ".")
    : `${sentence.replace(/\.$/, "")} ${place}.`;
}

/**
 * Where in the SQL the error is, on one line: `(line 1, at "foo FROM source")`; empty where DuckDB does not say. DuckDB shows
 * the line and, below it, a caret.
 */
function placeOf(message: string): string {
  const [, prefix = "", line, text = "", before = ""] =
    /\n\n(LINE (\d+): )([^\n]*)\n([^\n^]*)\^/.exec(message) ?? [];
  if (line === undefined) return "";
  return `(line ${line}, at ${quote(text.slice(Math.max(0, before.length - prefix.length)))})`;
}

/** An option that the CSV reader does not have: DuckDB lists all that it has. */
function csvOptionFailure(message: string, cause: unknown): VadiError | undefined {
  const name = /Invalid named parameter "([^"]*)" for function read_csv/.exec(message)?.[1];
  if (name === undefined) return undefined;
  return failure(
    (option) =>
      `DuckDB's CSV reader has no option ${quote(name)}; choose another ${option("csvOption")}.`,
    cause,
  );
}

/** A fraction in a column of whole numbers. */
function wholeFailure(message: string, cause: unknown): VadiError | undefined {
  const end = message.indexOf(NOT_WHOLE) + NOT_WHOLE.length;
  if (end < NOT_WHOLE.length) return undefined;
  const sentence = message.slice(message.indexOf("Column "), end);
  return failure(
    (option) =>
      `${sentence}; let DuckDB find the types of columns in all rows with ${option("csvOption")} sample_size=-1.`,
    cause,
  );
}

/** A field that does not have its column's type: beyond the rows from which the types were found. */
function csvFailure(message: string, cause: unknown): VadiError | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const column = /Error when converting column "([^"]*)"/.exec(message)?.[1];
  const found = /Could not convert string "([\s\S]*?)" to '(\w+)'/.exec(message);
  const file = /\n\s+file = ([^\n]*)/.exec(message)?.[1];
  if (line === undefined || column === undefined || found === null) return undefined;
  const [, text = "", type = ""] = found;
  return failure(
    (option) =>
      `Column ${column}${file === undefined ? "" : ` of ${file}`} is ${quote(text)}, not ${type}, in line ${line}; leave out such rows with ${option("invalid")} drop, name what stands for a missing value with ${option("csvOption")} nullstr=${text === "" ? "''" : text}, or choose other columns with ${option("features")}.`,
    cause,
  );
}
