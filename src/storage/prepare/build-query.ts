import { usageError } from "../../common/errors.js";
import type { ColumnNames } from "../format/columns.js";
import { identifier, literal } from "../duckdb/database.js";
import { isDate } from "./choose-columns.js";
import { momentOf } from "./moment-of.js";
import { numberOf } from "./number-of.js";
import type { ChosenColumn, Learned, LearnedColumn } from "./types.js";

/** A query whose columns are all numbers, and their names. */
export interface PreparedQuery {
  query: string;
  columns: ColumnNames;
}

/** A column of the query: its name, and its value in SQL. */
type Output = readonly [name: string, expression: string];

/**
 * Writes the query that turns the columns of a relation into features and a target, with everything that was
 * learned as constants in it.
 *
 * @throws a usage error where two columns would have one name
 */
export function buildQuery(
  relation: string,
  columns: readonly ChosenColumn[],
  learned: Learned,
): PreparedQuery {
  const outputs = columns.map((column) => ({
    column,
    list: outputsOf(column, learned[column.name]),
  }));
  const list = outputs.flatMap((one) => one.list);
  checkNames(list.map(([name]) => name));
  const lines = list.map(([name, expression]) =>
    expression === identifier(name) ? `  ${expression}` : `  ${expression} AS ${identifier(name)}`,
  );
  const target = outputs.find(({ column }) => column.isTarget)!.list[0]![0];
  return {
    query: `SELECT\n${lines.join(",\n")}\nFROM ${relation}`,
    columns: {
      features: outputs
        .filter(({ column }) => !column.isTarget)
        .flatMap((one) => one.list.map(([name]) => name)),
      target,
    },
  };
}

/** The names of the columns that a column becomes. */
export function outputNames(column: ChosenColumn, learned: LearnedColumn): string[] {
  return outputsOf(column, learned).map(([name]) => name);
}

function outputsOf(column: ChosenColumn, learned: LearnedColumn = { missing: 0 }): Output[] {
  const { name, role, isTarget } = column;
  if (role === "category") return categoryOutputs(name, learned);
  const missing: Output[] =
    learned.missing > 0 && learned.fill !== undefined && !isTarget
      ? [[`${name}_missing`, missingOf(column)]]
      : [];
  if (role === "date") return [...dateOutputs(column, learned), ...missing];
  const value = numberOutput(column, learned);
  return [[column.log ? `log_${name}` : name, value], ...missing];
}

/** Whether a row has no value of a column, as 0 or 1. */
function missingOf(column: ChosenColumn): string {
  const value = column.role === "number" ? finite(column) : identifier(column.name);
  return `CAST(${value} IS NULL AS TINYINT)`;
}

/** A column as a number that is null where it is infinite or not a number. */
export function finite(column: ChosenColumn): string {
  const value = numberOf(column);
  const isFloat = /^(?:FLOAT|DOUBLE)$/.test(column.type) || column.text !== undefined;
  return isFloat ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value;
}

/** Clips, fills in, and takes the logarithm, in this order. */
function numberOutput(column: ChosenColumn, { fill, clip }: LearnedColumn): string {
  let value = clip === undefined && fill === undefined ? numberOf(column) : finite(column);
  if (clip !== undefined) {
    const [least, most] = clip.map(number);
    const plain = numberOf(column);
    value = `CASE WHEN ${plain} < ${least} THEN ${least} WHEN ${plain} > ${most} THEN ${most} ELSE ${plain} END`;
    if (finite(column) !== plain) value = `CASE WHEN isfinite(${plain}) THEN ${value} END`;
  }
  if (typeof fill === "number") value = `coalesce(${value}, ${number(fill)})`;
  // Null for −1 and less, which have no logarithm.
  return column.log ? `CASE WHEN ${value} > -1 THEN ln(1 + ${value}) END` : value;
}

function categoryOutputs(name: string, { categories = [], missing }: LearnedColumn): Output[] {
  const value = `CAST(${identifier(name)} AS VARCHAR)`;
  const known = categories.map((category): Output => [
    `${name}_${category}`,
    `CAST(coalesce(${value} = ${literal(category)}, false) AS TINYINT)`,
  ]);
  const list = categories.map(literal).join(", ");
  const isOther = list === "" ? "true" : `${value} NOT IN (${list})`;
  // Where no value was missing when the categories were learned, a missing one counts as other.
  const other = `CAST(coalesce(${isOther}, ${missing === 0}) AS TINYINT)`;
  return [
    ...known,
    [`${name}_other`, other],
    ...(missing === 0
      ? []
      : [[`${name}_missing`, `CAST(${value} IS NULL AS TINYINT)`] satisfies Output]),
  ];
}

function dateOutputs(column: ChosenColumn, { first = "", fill }: LearnedColumn): Output[] {
  const { name, type } = column;
  const read = momentOf(column);
  const moment = typeof fill === "string" ? `coalesce(${read}, TIMESTAMP ${literal(fill)})` : read;
  const hasHours = !isDate(column) || type !== "DATE";
  return [
    [`${name}_year`, `year(${moment})`],
    [`${name}_month`, `month(${moment})`],
    [`${name}_day_of_week`, `isodow(${moment})`],
    ...(hasHours ? [[`${name}_hour`, `hour(${moment})`] satisfies Output] : []),
    [`${name}_seconds`, `epoch(${moment}) - epoch(TIMESTAMP ${literal(first)})`],
  ];
}

/** A float64 in SQL, to the last digit. */
function number(value: number): string {
  const text = String(value);
  const exact = text.includes("e") ? text : `${text}e0`;
  return value < 0 ? `(${exact})` : exact;
}

function checkNames(names: readonly string[]): void {
  const folded = names.map((name) => name.toLowerCase());
  const twice = folded.findIndex((name, at) => folded.indexOf(name) !== at);
  if (twice < 0) return;
  throw usageError(
    (option) =>
      `Two columns would be named ${names[twice]}; leave one of them out with ${option("features")}, or rename it in ${option("query")}.`,
  );
}
