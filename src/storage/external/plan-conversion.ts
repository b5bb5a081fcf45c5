import type { Learned, PlanOptions } from "../prepare/types.js";
import { openPlan } from "./open-plan.js";
import { findSource } from "./sql-source.js";

/** What a conversion would do. */
export interface ConversionPlan {
  /** The query over the view `source` whose rows become the dataset. */
  query: string;
  columns: { features: string[]; target: string };
  /** What was learned from the values, by column of the source. */
  learned: Learned;
  warnings: string[];
}

/**
 * Finds what `convert` would make of a table, without writing it.
 *
 * @throws as `convert`
 */
export async function planConversion(
  source: string | readonly string[],
  options: PlanOptions,
): Promise<ConversionPlan> {
  const found = await findSource(typeof source === "string" ? [source] : source);
  const { database, preparation, warnings } = await openPlan(found, options);
  await database.close();
  const { query, columns, learned } = preparation;
  return { query, columns, learned, warnings };
}
