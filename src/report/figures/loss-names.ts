import type { Texts } from "../../language/index.js";
import type { RunRecord } from "../../train/index.js";

/** Whether a run's target was standardised, so that its losses have no unit. */
export function hasStandardizedTarget({ standardize }: Pick<RunRecord, "standardize">): boolean {
  return (standardize?.target ?? null) !== null;
}

/** The unit of a loss, for results.json. */
export function lossUnits(standardized: boolean): string {
  return `mean squared error of the ${standardized ? "standardised " : ""}target`;
}

/** The name of a loss in figures and tables. */
export function lossName(texts: Texts, standardized: boolean): string {
  return standardized ? texts.training.standardizedLossName : texts.training.lossName;
}
