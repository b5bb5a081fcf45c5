import type { RunRecord } from "../../train/index.js";

/** Whether a run's losses are those of a standardised target. */
export function hasStandardizedTarget({ standardize }: Pick<RunRecord, "standardize">): boolean {
  return (standardize?.target ?? null) !== null;
}

/** What a loss is, for results.json. */
export function lossUnits(standardized: boolean): string {
  return `mean squared error of the ${standardized ? "standardised " : ""}target`;
}

/** What a loss is, for figures and tables, where targets as they are need not be named. */
export function lossName(standardized: boolean): string {
  return `mean squared error${standardized ? " of the standardised target" : ""}`;
}
