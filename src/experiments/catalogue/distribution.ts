import type { LineFigure } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import type { Context } from "../types.js";

const BINS = 80;

/** A normal distribution's density at y. */
function normalDensity(y: number, normal: { mean: number; variance: number }): number {
  const { mean, variance } = normal;
  return Math.exp(-((y - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
}

/** The options of a pass over a dataset that can be interrupted. */
export function passOptions(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/**
 * A histogram of a dataset's target, counted in one streamed pass.
 *
 * @param normal a normal density to compare with
 */
export async function distributionFigure(
  { language: { texts }, signal }: Context,
  dataset: Dataset,
  normal?: { mean: number; variance: number },
): Promise<LineFigure> {
  const { target } = await dataset.statistics(passOptions(signal));
  const width = (target.maximum - target.minimum) / BINS || 1;
  const counts = new Float64Array(BINS);
  for await (const { y } of dataset.batches({
    batchSize: 65_536,
    recycle: true,
    ...passOptions(signal),
  })) {
    for (const value of y) {
      const bin = Math.min(BINS - 1, Math.floor((value - target.minimum) / width));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  const centres = Array.from({ length: BINS }, (_, bin) => target.minimum + (bin + 0.5) * width);
  const densities = Array.from(counts, (count) => count / (dataset.rows * width));
  return {
    kind: "lines",
    id: "target-distribution",
    title: texts.experiments.distribution,
    caption:
      normal === undefined
        ? texts.experiments.distributionCaption(target.mean, target.variance)
        : texts.experiments.normalCaption,
    x: { title: texts.experiments.targetAxis, symbol: "y" },
    y: { title: texts.experiments.densityAxis, symbol: texts.experiments.density },
    series: [
      { name: texts.experiments.countedRows, x: centres, y: densities },
      ...(normal === undefined
        ? []
        : [
            {
              name: texts.experiments.normalDensity,
              x: centres,
              y: centres.map((y) => normalDensity(y, normal)),
              role: "reference" as const,
            },
          ]),
    ],
  };
}
