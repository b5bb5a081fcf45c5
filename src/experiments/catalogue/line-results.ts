import type { Language } from "../../language/index.js";
import type { Landscape } from "../../landscape/index.js";
import { lossUnits } from "../../report/index.js";
import type { DeclaredExperiment, OptionValue } from "../types.js";

/** The notebook's grid: start + i·(end − start)/100, i = 0 … 99. */
export const NOTEBOOK_GRID = { points: 100, endpoint: false } as const;

/** `Trained weights ± 2·N(0,1), a curve for each batch.` */
export function linesText(
  { along = "random", scale }: DeclaredExperiment["defaults"],
  language: Language,
): string {
  const { texts } = language;
  if (along !== "random") return texts.experiments.overlaidAlong(String(along));
  return scale === "auto"
    ? texts.experiments.overlaidAuto
    : texts.experiments.overlaid(scaleText(language, scale));
}

/** The scale of a line; one that is found only when it runs keeps its name, `auto`. */
export function scaleText({ number }: Language, scale: OptionValue | undefined): string {
  return typeof scale === "number" ? number(scale) : String(scale);
}

/** The numbers of a line for results.json: its grid, the mean curve, the lowest point of each batch. */
export async function lineResults(made: Landscape): Promise<Record<string, unknown>> {
  const { alphas, standardized, method } = made.record;
  const meanLosses = (await made.summary()).map((row) => row.mean);
  const curves = await made.curves();
  return {
    alphas,
    meanLosses,
    lowestOfMean: lowestPoint(alphas, meanLosses),
    lowestOfBatches: curves.map(({ batch, losses }) => ({
      batch,
      ...lowestPoint(alphas, losses),
    })),
    lossUnits: lossUnits(standardized),
    method,
  };
}

function lowestPoint(
  alphas: readonly number[],
  losses: ArrayLike<number>,
): { alpha: number | undefined; loss: number } {
  let best = 0;
  for (let i = 1; i < losses.length; i++) if ((losses[i] ?? NaN) < (losses[best] ?? NaN)) best = i;
  return { alpha: alphas[best], loss: losses[best] ?? NaN };
}
