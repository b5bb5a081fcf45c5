import type { Landscape } from "../../landscape/index.js";
import { lossUnits } from "../../report/index.js";
import type { Experiment } from "../types.js";

/** The notebook's grid: start + i·(end − start)/100, i = 0 … 99. */
export const NOTEBOOK_GRID = { points: 100, endpoint: false } as const;

/** `Trained weights ± 2·N(0,1), a curve for each batch.` */
export function linesText({ along, scale }: Experiment["defaults"]): string {
  return along === "random"
    ? `Trained weights ± ${String(scale)}·N(0,1), a curve for each batch.`
    : `Slices along ${String(along)}, a curve for each batch.`;
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
