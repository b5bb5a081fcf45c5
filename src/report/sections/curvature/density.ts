import path from "node:path";
import type { CurvatureResult } from "../../../curvature/index.js";
import type { Texts } from "../../../language/index.js";
import type { LineFigure } from "../../figures/figure.js";

/** Densities below this fraction of the highest lie below the figure. */
const LOWEST = 1e-6;

/** The density of the eigenvalues of a curvature that was asked for it, with its spread over the random vectors. */
export async function densityFigure(
  { curvature }: Texts,
  result: CurvatureResult,
): Promise<LineFigure> {
  const { eigenvalues, density, deviation } = await result.density();
  const highest = density.reduce((most, value) => Math.max(most, value), 0);
  const drawn = (value: number): number => Math.max(value, (LOWEST / 10) * highest);
  return {
    kind: "lines",
    id: "curvature-density",
    title: curvature.densityTitle,
    caption: curvature.densityCaption,
    x: { title: curvature.eigenvalueAxis, symbol: "λ" },
    y: {
      title: curvature.densityAxis,
      symbol: curvature.density,
      scale: "log",
      range: [LOWEST * highest, 3 * highest],
    },
    series: [{ name: curvature.density, x: eigenvalues, y: density.map(drawn) }],
    bands: [
      {
        name: curvature.densityBand,
        x: eigenvalues,
        low: density.map((value, at) => drawn(value - deviation[at]!)),
        high: density.map((value, at) => drawn(value + deviation[at]!)),
      },
    ],
    shades: [{ name: curvature.negative, ranges: [[Math.min(0, eigenvalues[0]!), 0]] }],
    data: [
      { file: path.join(result.dir, "density.parquet"), what: curvature.densityFile },
      { file: path.join(result.dir, "eigenpairs.parquet"), what: curvature.eigenpairsFile },
    ],
  };
}
