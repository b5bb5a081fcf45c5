import type { RunRecord } from "../train/index.js";

/** Whether a run's losses are those of a standardised target. */
export function hasStandardizedTarget({ standardize }: Pick<RunRecord, "standardize">): boolean {
  return (standardize?.target ?? null) !== null;
}

/** What all losses that a run reports are. */
export function lossUnits(record: Pick<RunRecord, "standardize">): string {
  return `mean squared error of the ${hasStandardizedTarget(record) ? "standardised " : ""}target`;
}

/** The same where targets as they are need not be named. */
export function lossName(standardized: boolean): string {
  return `mean squared error${standardized ? " of the standardised target" : ""}`;
}
