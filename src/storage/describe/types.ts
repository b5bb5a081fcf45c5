/** A column of a table, and what `convert` can make of it. */
export interface DescribedColumn {
  name: string;
  /** As DuckDB names it. */
  type: string;
  kind: "number" | "date" | "text" | "other";
  /** Rows without a value; of a column of numbers also those whose value is not finite. */
  missing: number;
  /** How many different values it has: exact, or estimated with a standard error of 13 % (HyperLogLog). */
  distinct: number;
  isDistinctExact: boolean;
  /** The least value; of texts in the order of their characters. Null where there is none. */
  least: number | string | null;
  largest: number | string | null;
  /** The columns that it becomes without an option: itself, or none. */
  becomes: string[];
  /** The columns that it becomes with an option of `convert`, where the option can be used. */
  options: Partial<Record<"categorical" | "dates" | "log" | "clip" | "impute", string[]>>;
}
