import { failure } from "../../common/errors.js";
import { identifier, type Database } from "../duckdb/database.js";
import { columnOf } from "../duckdb/row-stream.js";
import { createQuantileCounts, type QuantileCounts } from "./quantile-counts.js";
import { momentOf } from "./moment-of.js";
import { numberOf } from "./number-of.js";
import type { ChosenColumn, Learned, LearnedColumn, PreparationOptions } from "./types.js";

type Options = Pick<PreparationOptions, "categories" | "impute" | "clip">;

/** More distinct values than any category has: the column is an identifier. */
const MOST_VALUES = 100_000;

/** Gathers what is to be learned of one column. */
interface Learner {
  /** Its value in the query that is streamed. */
  expression: string;
  addNumbers?(
    items: ArrayLike<number>,
    missing: ((row: number) => boolean) | undefined,
    rows: number,
  ): void;
  addTexts?(values: readonly unknown[]): void;
  finish(): LearnedColumn;
}

/**
 * Learns from the values of the columns whatever the options need: means, medians, quantiles, categories, first
 * dates. One streamed pass; the result is the same on any number of threads.
 *
 * @param relation what the columns are of, in SQL
 * @throws a failure where a category has too many values
 */
export async function learn(
  database: Database,
  relation: string,
  columns: readonly ChosenColumn[],
  options: Options,
  onRows: (rows: number) => void,
): Promise<Learned> {
  const learners = columns.flatMap((column): (readonly [string, Learner])[] => {
    const learner = learnerOf(column, options);
    return learner === undefined ? [] : [[column.name, learner]];
  });
  if (learners.length === 0) return {};
  const list = learners.map(([, { expression }]) => expression).join(", ");
  const result = await database.stream(`SELECT ${list} FROM ${relation}`);
  let rows = 0;
  for (;;) {
    const chunk = await database.attempt(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) break;
    for (const [at, [, learner]] of learners.entries()) {
      if (learner.addTexts !== undefined) learner.addTexts(chunk.getColumnValues(at));
      else {
        const { items, missing } = columnOf(chunk, at);
        learner.addNumbers?.(items, missing, chunk.rowCount);
      }
    }
    rows += chunk.rowCount;
    onRows(rows);
  }
  return Object.fromEntries(learners.map(([name, learner]) => [name, learner.finish()]));
}

function learnerOf(column: ChosenColumn, options: Options): Learner | undefined {
  if (column.role === "category") return learnCategories(column, options.categories);
  if (column.isTarget) return undefined;
  if (column.role === "date") return learnDates(column, options);
  const isUsed = options.impute !== null || options.clip !== null;
  return isUsed ? learnNumbers(column, options) : undefined;
}

function learnCategories({ name }: ChosenColumn, most: number): Learner {
  const counts = new Map<string, number>();
  let missing = 0;
  return {
    expression: `CAST(${identifier(name)} AS VARCHAR)`,
    addTexts(values) {
      for (const value of values) {
        if (typeof value === "string") counts.set(value, (counts.get(value) ?? 0) + 1);
        else missing++;
      }
      if (counts.size <= MOST_VALUES) return;
      throw failure(
        (option) =>
          `Column ${name} has more than ${MOST_VALUES} different values, too many for ${option("categorical")}; leave it out, or group its values in ${option("query")}.`,
      );
    },
    finish: () => ({
      missing,
      categories: [...counts]
        .filter(([value]) => value !== "other")
        .toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
        .slice(0, most)
        .map(([value]) => value),
    }),
  };
}

/** Counts and sums finite numbers. */
function createSum(): {
  add: NonNullable<Learner["addNumbers"]>;
  state: { missing: number; count: number; sum: number; least: number };
} {
  const state = { missing: 0, count: 0, sum: 0, least: Infinity };
  return {
    state,
    add(items, missing, rows) {
      for (let row = 0; row < rows; row++) {
        const value = items[row]!;
        if (missing?.(row) === true || !Number.isFinite(value)) state.missing++;
        else {
          state.count++;
          state.sum += value;
          if (value < state.least) state.least = value;
        }
      }
    },
  };
}

function learnNumbers(column: ChosenColumn, { impute, clip }: Options): Learner {
  const { add, state } = createSum();
  const counts: QuantileCounts | undefined =
    clip !== null || impute === "median" ? createQuantileCounts() : undefined;
  return {
    expression: `CAST(${numberOf(column)} AS DOUBLE)`,
    addNumbers(items, missing, rows) {
      add(items, missing, rows);
      if (counts === undefined) return;
      for (let row = 0; row < rows; row++) {
        const value = items[row]!;
        if (missing?.(row) !== true && Number.isFinite(value)) counts.add(value);
      }
    },
    finish() {
      const { missing, count, sum } = state;
      if (count === 0) throw failure(`Column ${column.name} has no values at all; leave it out.`);
      const mean = sum / count;
      const fill = { mean, median: counts?.quantile(0.5) ?? mean, zero: 0 };
      return {
        missing,
        ...(impute !== null && { fill: fill[impute] }),
        ...(clip !== null &&
          counts !== undefined &&
          column.type !== "BOOLEAN" && {
            clip: [counts.quantile(clip), counts.quantile(1 - clip)],
          }),
      };
    },
  };
}

function learnDates(column: ChosenColumn, { impute }: Options): Learner {
  const { add, state } = createSum();
  return {
    expression: `epoch(${momentOf(column)})`,
    addNumbers: add,
    finish() {
      const { missing, count, sum, least } = state;
      if (count === 0) throw failure(`Column ${column.name} has no dates at all; leave it out.`);
      return {
        missing,
        first: moment(least),
        // The options mean, median and zero are of numbers; a missing date becomes the mean one.
        ...(impute !== null && { fill: moment(sum / count) }),
      };
    },
  };
}

/** A moment, in whole seconds, as DuckDB reads it. */
function moment(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19).replace("T", " ");
}
