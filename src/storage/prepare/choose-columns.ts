import { usageError } from "../../common/errors.js";
import { quote } from "../../common/text/quote.js";
import type { SqlColumn } from "../duckdb/types.js";
import type { ChosenColumn, ColumnRole, PreparationOptions } from "./types.js";

const NUMBER = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|DECIMAL.*)$/;
const DATE = /^(?:DATE|TIMESTAMP.*)$/;
const TEXT = /^(?:VARCHAR|ENUM.*|UUID)$/;

/** The target where none is named. */
const TARGET = "y";

/** Names that fit a sentence. */
const SHOWN = 12;

type Options = PreparationOptions;

/** Whether a column has numbers, perhaps among a few mistakes. */
export function isNumber({ type, text }: SqlColumn): boolean {
  return NUMBER.test(type) || text?.isNumeric === true;
}

/** Whether a column has dates. */
export function isDate({ type }: SqlColumn): boolean {
  return DATE.test(type);
}

/** Whether a column has texts. */
export function isText({ type }: SqlColumn): boolean {
  return TEXT.test(type);
}

/**
 * Decides which columns are read, and what they become.
 *
 * @param isQuery whether the columns are those of the user's query, which has no others by accident
 * @param table the table's name, for errors
 * @throws a usage error where an option names a column that is not there or has the wrong type
 */
export function chooseColumns(
  columns: readonly SqlColumn[],
  options: Options,
  { isQuery, table }: { isQuery: boolean; table: string },
): { chosen: ChosenColumn[]; warnings: string[] } {
  const byName = new Map(columns.map((column) => [column.name, column]));
  checkNames(columns, byName, options, table);
  const target = options.target ?? TARGET;
  const roleOf = (column: SqlColumn): ColumnRole | undefined => {
    if (options.categorical?.includes(column.name) === true) return "category";
    if (options.dates?.includes(column.name) === true) return "date";
    return isNumber(column) ? "number" : undefined;
  };
  const named = options.features ?? columns.map(({ name }) => name);
  const left: SqlColumn[] = [];
  const chosen = [...named.filter((name) => name !== target), target].flatMap((name) => {
    const column = byName.get(name)!;
    const role = roleOf(column);
    const isTarget = name === target;
    if (role === undefined || (isTarget && role !== "number")) {
      if (options.features === null && !isQuery && !isTarget) {
        left.push(column);
        return [];
      }
      throw notNumeric(column, table, isTarget);
    }
    const log = options.log?.includes(name) === true;
    return [{ ...column, role, isTarget, log }];
  });
  if (chosen.length === 1) {
    throw usageError(`${table} has no numeric column besides the target ${target}.`);
  }
  return { chosen, warnings: left.length === 0 ? [] : [leftOut(left)] };
}

/** Throws where an option names a column that is not there, or for which it cannot be. */
function checkNames(
  columns: readonly SqlColumn[],
  byName: ReadonlyMap<string, SqlColumn>,
  options: Options,
  table: string,
): void {
  const numbers = columns.filter(isNumber).map(({ name }) => name);
  const all = columns.map(({ name }) => name);
  const target = options.target ?? TARGET;
  if (!byName.has(target)) {
    const has =
      numbers.length === 0
        ? "it has no numeric columns"
        : `its numeric columns are ${listed(numbers)}`;
    throw usageError((option) =>
      options.target === null
        ? `${table} has no column y; name the target with ${option("target")}: ${has}.`
        : `${table} has no column ${target} for ${option("target")}: ${has}.`,
    );
  }
  for (const given of ["features", "categorical", "dates", "log"] as const) {
    for (const [at, name] of (options[given] ?? []).entries()) {
      const column = byName.get(name);
      if (column === undefined) {
        throw usageError(
          (option) => `${table} has no column ${name} for ${option(given)}: it has ${listed(all)}.`,
        );
      }
      if (options[given]!.indexOf(name) !== at) {
        throw usageError((option) => `Column ${name} is named twice in ${option(given)}.`);
      }
      checkType(column, given, table);
    }
  }
  if (options.features?.includes(target) === true) {
    throw usageError(
      (option) =>
        `Column ${target} is the target and cannot be a feature as well: see ${option("features")} and ${option("target")}.`,
    );
  }
  const both = options.categorical?.find((name) => options.dates?.includes(name));
  if (both !== undefined) {
    throw usageError(
      (option) =>
        `Column ${both} is named in both ${option("categorical")} and ${option("dates")}.`,
    );
  }
}

function checkType(column: SqlColumn, given: string, table: string): void {
  const isRight =
    given === "features" ||
    given === "categorical" ||
    (given === "dates" ? isDate(column) || isText(column) : isNumber(column));
  if (isRight) return;
  throw usageError(
    (option) =>
      `Column ${column.name} of ${table} is ${column.type}, which ${option(given)} cannot use; name a column of ${given === "dates" ? "dates or times" : "numbers"}.`,
  );
}

function notNumeric(column: SqlColumn, table: string, isTarget: boolean): Error {
  const { name, type, text } = column;
  if (text?.unread !== undefined) {
    const { notation, example } = text.unread;
    return usageError(
      (option) =>
        `Column ${name} of ${table} has numbers ${notation}, such as ${quote(example)}, which are not read; write them as 1234.5, convert them in ${option("query")}, or choose other columns with ${option("features")} and ${option("target")}.`,
    );
  }
  return usageError((option) => {
    const what = `Column ${name} of ${table} is ${type}, which is not numeric`;
    if (isTarget)
      return `${what}; choose another ${option("target")}, or convert it in ${option("query")}.`;
    const use = isDate(column) ? option("dates") : option("categorical");
    return `${what}; name it in ${use}, convert it in ${option("query")}, or choose other columns with ${option("features")}.`;
  });
}

/** A sentence about columns that are not used. */
function leftOut(columns: readonly SqlColumn[]): string {
  return `Left out because they are not numeric: ${listed(columns.map(({ name }) => name))}.`;
}

/** Names in a sentence. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown}, … (${names.length})` : shown;
}
