import { formatNumber } from "../../common/text/numbers.js";
import type { LineFigure } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";

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
  dataset: Dataset,
  signal: AbortSignal | undefined,
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
    title: "Distribution of the target",
    caption:
      normal === undefined
        ? `Look for where the targets lie. The best constant prediction is their mean, ${formatNumber(target.mean)}; its loss is their variance, ${formatNumber(target.variance)}.`
        : "Look for how well the counted rows agree with the normal density of the model; with fewer rows they scatter more.",
    x: { title: "y, the target", symbol: "y" },
    y: { title: "density (fraction of the rows for each unit of y)", symbol: "density" },
    series: [
      { name: "rows, counted", x: centres, y: densities },
      ...(normal === undefined
        ? []
        : [
            {
              name: "normal density",
              x: centres,
              y: centres.map((y) => normalDensity(y, normal)),
              role: "reference" as const,
            },
          ]),
    ],
  };
}
