import type { GivenOptions } from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import type { SqlColumn } from "../duckdb/types.js";
import type { planOptions } from "../options.js";

/** What each column becomes, as the user asked for it. */
export interface PreparationOptions {
  target: string | null;
  features: readonly string[] | null;
  categorical: readonly string[] | null;
  /** The most frequent values that get a column of their own. */
  categories: number;
  impute: "mean" | "median" | "zero" | null;
  dates: readonly string[] | null;
  log: readonly string[] | null;
  /** Numbers are cut at this quantile and at 1 minus it. */
  clip: number | null;
}

/** How a table is to be converted. */
export type PlanOptions = GivenOptions<typeof planOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/** What a column is turned into. */
export type ColumnRole = "number" | "category" | "date";

/** A column that is read. */
export interface ChosenColumn extends SqlColumn {
  role: ColumnRole;
  isTarget: boolean;
  log: boolean;
}

/** What the values of a column showed. */
export interface LearnedColumn {
  /** Rows without a value; an infinite number counts as none. */
  missing: number;
  /** What a missing number becomes; of a date, a moment as DuckDB writes it. */
  fill?: number | string;
  /** Least and largest number that stay. */
  clip?: [number, number];
  /** The most frequent values, which have columns of their own. */
  categories?: string[];
  /** Of a date: the earliest, from which seconds are counted. */
  first?: string;
}

/** What was learned, by the column's name in the source. */
export type Learned = Record<string, LearnedColumn>;
