import { identifier, type Database } from "../duckdb/database.js";
import type { SqlColumn } from "../duckdb/types.js";
import { finite, outputNames } from "../prepare/build-query.js";
import { isDate, isNumber, isText } from "../prepare/choose-columns.js";
import type { ChosenColumn, ColumnRole, LearnedColumn } from "../prepare/types.js";
import type { DescribedColumn } from "./types.js";

/** Columns that are described in one pass. */
const COLUMNS_A_PASS = 500;
/** Different values of a column up to which they are counted exactly, and of all columns of a pass together. */
const COUNTED = 50_000;
const COUNTED_TOGETHER = 1_000_000;
/** Different values of a category; a column with more is no category. */
const MOST_CATEGORIES = 1000;
/** Characters of a text that are shown. */
const SHOWN_TEXT = 40;
/** The share of a column's texts that are dates, for it to be called a column of dates. */
const MOSTLY = 0.99;

/** What a pass tells of a column. */
interface Facts {
  present: number;
  distinct: number;
  isDistinctExact: boolean;
  least: number | string | null;
  largest: number | string | null;
  /** Of texts: how many are dates. */
  dates: number;
  /** The values of what may be a category, the most frequent first. */
  top: string[];
}

/**
 * Describes all columns of a relation in two passes over its rows, or two for each 500 columns. The second one counts
 * the different values of the columns that have few.
 *
 * @param relation in SQL
 * @param categories the most columns that a category becomes, besides `other`
 */
export async function describeColumns(
  database: Database,
  relation: string,
  columns: readonly SqlColumn[],
  categories: number,
): Promise<{ rows: number; columns: DescribedColumn[] }> {
  let rows = 0;
  const described: DescribedColumn[] = [];
  for (let from = 0; from === 0 || from < columns.length; from += COLUMNS_A_PASS) {
    const part = columns.slice(from, from + COLUMNS_A_PASS);
    const list = ["count(*) AS r", ...part.flatMap((column, at) => aggregates(column, at))];
    const [found = {}] = await database.rows(`SELECT ${list.join(", ")} FROM ${relation}`);
    rows = Number(found["r"]);
    const facts = part.map((_, at) => factsOf(found, at));
    await countExactly(database, relation, part, { facts, categories });
    described.push(
      ...part.map((column, at) => describedColumn(column, rows, facts[at]!, categories)),
    );
  }
  return { rows, columns: described };
}

function kindOf(column: SqlColumn): DescribedColumn["kind"] {
  if (isNumber(column)) return "number";
  if (isDate(column)) return "date";
  return isText(column) ? "text" : "other";
}

function chosen(column: SqlColumn, role: ColumnRole, log = false): ChosenColumn {
  return { ...column, role, isTarget: false, log };
}

/** What is counted of a column, in SQL. */
function aggregates(column: SqlColumn, at: number): string[] {
  const name = identifier(column.name);
  const kind = kindOf(column);
  const value = valueOf(column);
  const list = [`count(${value}) AS n${at}`, `approx_count_distinct(${value}) AS d${at}`];
  if (kind === "other") return list;
  const shown = (extreme: string): string =>
    kind === "number"
      ? `CAST(${extreme} AS DOUBLE)`
      : `left(CAST(${extreme} AS VARCHAR), ${SHOWN_TEXT})`;
  list.push(`${shown(`min(${value})`)} AS a${at}`, `${shown(`max(${value})`)} AS b${at}`);
  if (kind === "text") list.push(`count(TRY_CAST(${name} AS TIMESTAMP)) AS t${at}`);
  return list;
}

/** Replaces estimates by counts, as far as these fit in memory. */
async function countExactly(
  database: Database,
  relation: string,
  columns: readonly SqlColumn[],
  { facts, categories }: { facts: readonly Facts[]; categories: number },
): Promise<void> {
  let together = 0;
  const counted = facts
    .map(({ distinct }, at) => ({ distinct, at }))
    .toSorted((a, b) => a.distinct - b.distinct)
    .filter(({ distinct, at }) => {
      together += distinct;
      const isCounted = kindOf(columns[at]!) !== "other";
      return isCounted && distinct <= COUNTED && together <= COUNTED_TOGETHER;
    });
  if (counted.length === 0) return;
  const list = counted.flatMap(({ at }) => {
    const column = columns[at]!;
    const count = `count(DISTINCT ${valueOf(column)}) AS d${at}`;
    // Estimates are rarely half of the truth.
    const isCounted = mayBeCategory(column) && facts[at]!.distinct <= 2 * MOST_CATEGORIES;
    const value = `CAST(${identifier(column.name)} AS VARCHAR)`;
    return isCounted ? [count, `histogram(${value}) AS k${at}`] : [count];
  });
  const [found = {}] = await database.rows(`SELECT ${list.join(", ")} FROM ${relation}`);
  for (const { at } of counted) {
    facts[at]!.distinct = Number(found[`d${at}`]);
    facts[at]!.isDistinctExact = true;
    facts[at]!.top = mostFrequent(found[`k${at}`]).slice(0, categories);
  }
}

/** The values of a histogram, the most frequent first, as `learn` orders them. */
function mostFrequent(histogram: unknown): string[] {
  if (!Array.isArray(histogram)) return [];
  return (histogram as { key: string; value: string }[])
    .map(({ key, value }) => ({ value: key, count: Number(value) }))
    .filter(({ value }) => value !== "other")
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .map(({ value }) => value);
}

/** A column's values in SQL, null where one is missing. */
function valueOf(column: SqlColumn): string {
  return kindOf(column) === "number" ? finite(chosen(column, "number")) : identifier(column.name);
}

function valueOrNull(value: unknown): number | string | null {
  return typeof value === "number" || typeof value === "string" ? value : null;
}

function factsOf(found: Record<string, unknown>, at: number): Facts {
  return {
    present: Number(found[`n${at}`]),
    // An estimate may be larger than the number of values.
    distinct: Math.min(Number(found[`d${at}`]), Number(found[`n${at}`])),
    isDistinctExact: false,
    least: valueOrNull(found[`a${at}`]),
    largest: valueOrNull(found[`b${at}`]),
    dates: Number(found[`t${at}`] ?? 0),
    top: [],
  };
}

function describedColumn(
  column: SqlColumn,
  rows: number,
  facts: Facts,
  categories: number,
): DescribedColumn {
  const { present, distinct, isDistinctExact, least, largest } = facts;
  const missing = rows - present;
  const { name, type } = column;
  const kind = kindOf(column);
  const about = { name, type, kind, missing, distinct, isDistinctExact, least, largest };
  const options: DescribedColumn["options"] = {};
  const filled: LearnedColumn = { missing, ...(missing > 0 && { fill: 0 }) };
  if (mayBeCategory(column) && distinct <= (kind === "text" ? MOST_CATEGORIES : categories)) {
    const learned = { missing, categories: facts.top };
    options.categorical = outputNames(chosen(column, "category"), learned);
  }
  if (kind === "date" || (kind === "text" && present > 0 && facts.dates >= MOSTLY * present)) {
    options.dates = outputNames(chosen(column, "date"), filled);
  }
  if (kind !== "number") return { ...about, becomes: [], options };
  const isNumeric = type !== "BOOLEAN";
  if (isNumeric && typeof least === "number" && least > -1) {
    options.log = outputNames(chosen(column, "number", true), { missing: 0 });
  }
  if (isNumeric) options.clip = [name];
  if (missing > 0) options.impute = outputNames(chosen(column, "number"), filled);
  return { ...about, becomes: [name], options };
}

/** Whether the values of a column may be categories: texts, and whole numbers that may be codes. */
function mayBeCategory(column: SqlColumn): boolean {
  return isText(column) || /INT/.test(column.type);
}
