import { quote } from "../../common/text/quote.js";
import { unreadNumbers, type UnreadNumbers } from "./unread-numbers.js";

/*
 * DuckDB finds delimiters, quotes, headers and types, but takes numbers in another dress for text. These are
 * found in the first rows of the columns that it took for text.
 */

/** Options of DuckDB's CSV reader: a list where it takes one. */
export type CsvOptions = Readonly<Record<string, string | readonly string[]>>;

/** What a text column holds besides text. */
export interface TextColumn {
  /** Whether at least half of its values are numbers, so that the others are mistakes rather than text. */
  isNumeric: boolean;
  unread?: UnreadNumbers;
}

/** What the first rows of a file's text columns show. */
export interface TextFindings {
  /** Options with which DuckDB reads more columns as numbers. */
  options: CsvOptions;
  /** A sentence for each option. */
  notes: string[];
}

/** What stands for a missing value in many files. */
const MISSING = /^(?:n\/?a|nan|null|none|missing|unknown|[-–—?.]+|#n\/a)$/i;
const PLAIN = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const WHOLE = /^[-+]?\d+$/;
const DECIMAL_COMMA = /^[-+]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+(?:e[-+]?\d+)?$/i;
const POINT_THOUSANDS = /^[-+]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$/;
const COMMA_THOUSANDS = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
/** 1,234: a decimal comma or a thousands separator. */
const EITHER = /^[-+]?\d{1,3},\d{3}$/;

/** Classifies a text column by the values of its first rows, which were read with some options. */
export function classifyText(values: readonly string[], options: CsvOptions): TextColumn {
  const filled = trimmed(values);
  // A column that stayed text is read as numbers in the plain notation.
  const plain = options["decimal_separator"] === "," ? WHOLE : PLAIN;
  const numbers = filled.filter((value) => plain.test(value)).length;
  const unread = unreadNumbers(filled);
  return { isNumeric: numbers > 0 && 2 * numbers >= filled.length, ...(unread && { unread }) };
}

/**
 * Finds options that make numbers of text columns: a decimal comma, separators of thousands, words for
 * missing values.
 *
 * @param columns the values of each text column in the first rows
 * @param given options that the user gave, which are not looked for
 */
export function findTextOptions(
  columns: readonly { name: string; values: readonly string[] }[],
  given: CsvOptions,
): TextFindings {
  const options: Record<string, string | string[]> = {};
  const notes: string[] = [];
  const missing = new Set<string>();
  const found = columns.flatMap(({ name, values }) => {
    const filled = trimmed(values);
    const numbers = filled.filter((value) => !MISSING.test(value));
    const style = styleOf(numbers, given["decimal_separator"] === ",");
    if (style === undefined) return [];
    for (const value of filled) if (MISSING.test(value)) missing.add(value);
    return [{ name, numbers, style }];
  });
  const set = (option: string, value: string, what: string, pattern: RegExp): void => {
    if (given[option] !== undefined || options[option] !== undefined) return;
    options[option] = value;
    for (const { name, numbers } of found) {
      const example = numbers.find((one) => pattern.test(one));
      if (example === undefined) continue;
      notes.push(
        `Column ${name} is read with ${option}='${value}', because it has ${what}, such as ${quote(example)}.`,
      );
      return;
    }
  };
  const hasStyle = (style: Style): boolean => found.some((one) => one.style === style);
  if (
    hasStyle("comma") ||
    (hasStyle("either") && !hasStyle("thousands") && given["delim"] === ";")
  ) {
    set("decimal_separator", ",", "decimal commas", DECIMAL_COMMA);
    const points = found.some(({ numbers }) => numbers.some((one) => POINT_THOUSANDS.test(one)));
    if (points) set("thousands", ".", "points between thousands", POINT_THOUSANDS);
  } else if (hasStyle("thousands") || hasStyle("either")) {
    set("thousands", ",", "commas between thousands", COMMA_THOUSANDS);
  } else if (hasStyle("points")) {
    set("decimal_separator", ",", "points between thousands", POINT_THOUSANDS);
    set("thousands", ".", "points between thousands", POINT_THOUSANDS);
  }
  if (missing.size > 0 && given["nullstr"] === undefined) {
    const words = [...missing].toSorted();
    options["nullstr"] = ["", ...words];
    notes.push(
      `${words.map(quote).join(", ")} ${words.length === 1 ? "is read as a missing value" : "are read as missing values"} (nullstr=${words.join("|")}).`,
    );
  }
  return { options, notes };
}

/**
 * Text columns whose values are all numbers with separators of thousands, as the options say. DuckDB reads them as
 * numbers in a short file, and takes them for text in one of more than 2048 rows.
 *
 * @param columns the values of each text column in the first rows
 */
export function numbersTakenForText(
  columns: readonly { name: string; values: readonly string[] }[],
  options: CsvOptions,
): string[] {
  const separator = options["thousands"];
  if (separator === undefined) return [];
  const patterns =
    separator === "." ? [WHOLE, POINT_THOUSANDS, DECIMAL_COMMA] : [PLAIN, COMMA_THOUSANDS];
  return columns.flatMap(({ name, values }) => {
    const filled = trimmed(values).filter((value) => !MISSING.test(value));
    const areNumbers = filled.every((value) => patterns.some((pattern) => pattern.test(value)));
    return filled.length > 0 && areNumbers ? [name] : [];
  });
}

/** How the numbers of a column are written. */
type Style = "plain" | "comma" | "thousands" | "points" | "either";

/** The one style that all values have, as far as they are numbers; undefined for text. */
function styleOf(numbers: readonly string[], hasComma: boolean): Style | undefined {
  if (numbers.length === 0) return undefined;
  const all = (...patterns: RegExp[]): boolean =>
    numbers.every((value) => patterns.some((pattern) => pattern.test(value)));
  if (all(hasComma ? WHOLE : PLAIN)) return "plain";
  if (!hasComma && all(WHOLE, EITHER)) return "either";
  if (!hasComma && all(PLAIN, COMMA_THOUSANDS)) return "thousands";
  if (all(WHOLE, POINT_THOUSANDS, DECIMAL_COMMA)) {
    return numbers.some((value) => value.includes(",")) ? "comma" : "points";
  }
  return undefined;
}

function trimmed(values: readonly string[]): string[] {
  return values.map((value) => value.trim()).filter((value) => value !== "");
}
