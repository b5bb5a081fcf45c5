import path from "node:path";
import type { CurvatureResult, SpectralDensity } from "../../curvature/index.js";
import type { Language, Texts } from "../../language/index.js";
import type { FactTable, LineFigure, ReportSection } from "../../report/index.js";
import { factTable } from "../sections.js";
import type { Spectra } from "./proofs.js";

/** What the spectrum says about random directions. */
export interface RandomCurvature {
  parameters: number;
  rows: number;
  /** The mean of vᵀHv over unit vectors v, which is the trace over the number of parameters, and its standard error. */
  expected: number;
  standardError: number;
  /** The standard deviation of vᵀHv over unit vectors: √(2Σλ²)/n, about. */
  deviation: number;
  /** How many eigenvalues are negative, and their sum. */
  negative: NonNullable<CurvatureResult["record"]["negative"]>;
  /** The sum of the negative eigenvalues' magnitudes over that of all. */
  share: number;
}

/** The curvature to expect along a random direction, from the density of the eigenvalues. */
export async function randomCurvature({ density }: Spectra): Promise<RandomCurvature> {
  const { parameters, trace, negative, rows } = density.record;
  const { eigenvalues, density: values } = await density.density();
  const step = eigenvalues[1]! - eigenvalues[0]!;
  const squares = values.reduce((sum, value, at) => sum + value * eigenvalues[at]! ** 2 * step, 0);
  const below = Math.abs(negative!.sum.estimate);
  return {
    parameters,
    rows,
    expected: trace.estimate / parameters,
    standardError: trace.standardError / parameters,
    deviation: Math.sqrt((2 * squares) / parameters),
    negative: negative!,
    share: below / (trace.estimate + 2 * below),
  };
}

/** Why a random direction looks convex: the density of the eigenvalues, and the two parts of the Hessian. */
export async function spectrumSection(
  language: Language,
  spectra: Spectra,
  random: RandomCurvature,
  part: string,
): Promise<ReportSection> {
  const { density } = spectra;
  const { texts, number, percent } = language;
  const { convexity } = texts;
  const { parameters, expected, standardError, deviation, negative, share } = random;
  const estimate = (value: number, error: number): string =>
    `${number(value, 3)} ± ${number(error, 3)}`;
  const { trace } = density.record;
  const average = estimate(expected, standardError);
  return {
    id: "random-spectrum",
    title: convexity.spectrumTitle(share, Math.round(negative.count.estimate), parameters),
    name: convexity.spectrumName,
    part,
    text: convexity.spectrumText(average, deviation),
    blocks: [
      { ...densityFigure(texts, await density.density()), data: dataOf(texts, density) },
      factTable(
        "random-spectrum-table",
        convexity.spectrumTable,
        [
          [convexity.densityRows, density.record.rows],
          [convexity.parameters, parameters],
          [convexity.trace, estimate(trace.estimate, trace.standardError)],
          [convexity.expected, average],
          [convexity.deviation, number(deviation, 3)],
          [
            convexity.negativeCount,
            estimate(negative.count.estimate, negative.count.standardError),
          ],
          [convexity.negativeSum, estimate(negative.sum.estimate, negative.sum.standardError)],
          [convexity.negativeShare, percent(share)],
        ],
        texts.experiments.value,
      ),
      partsTable(language, spectra),
    ],
  };
}

/** The ends of the Hessian's spectrum, and of each of its two parts. */
function partsTable(
  { texts, number }: Language,
  { all, gaussNewton, residual }: Spectra,
): FactTable {
  const { convexity } = texts;
  const end = ({ eigenvalue, residual: off }: { eigenvalue: number; residual: number }): string =>
    `${number(eigenvalue, 3)} ± ${number(off, 3)}`;
  const parts = [
    [convexity.hessian, all],
    [convexity.gaussNewton, gaussNewton],
    [convexity.residuals, residual],
  ] as const;
  return {
    kind: "table",
    id: "random-parts-table",
    title: convexity.partsTable,
    columns: [
      convexity.part,
      convexity.rows,
      convexity.leastWithResidual,
      convexity.largestWithResidual,
    ],
    rows: parts.map(([name, { record }]) => [
      name,
      record.rows,
      record === gaussNewton.record ? convexity.noneNegative : end(record.least[0]!),
      end(record.largest[0]!),
    ]),
  };
}

function dataOf({ convexity }: Texts, { dir }: CurvatureResult): NonNullable<LineFigure["data"]> {
  return [
    { file: path.join(dir, "density.parquet"), what: convexity.densityFile },
    { file: path.join(dir, "eigenpairs.parquet"), what: convexity.eigenpairsFile },
  ];
}

/** Densities below this fraction of the highest are not drawn. */
const LOWEST = 1e-6;

function densityFigure(
  { convexity }: Texts,
  { eigenvalues, density, deviation }: SpectralDensity,
): LineFigure {
  const highest = density.reduce((most, value) => Math.max(most, value), 0);
  const drawn = (value: number): number => Math.max(value, LOWEST * highest);
  return {
    kind: "lines",
    id: "random-density",
    title: convexity.densityTitle,
    caption: convexity.densityCaption,
    x: { title: convexity.eigenvalueAxis, symbol: "λ" },
    y: { title: convexity.densityAxis, symbol: convexity.density, scale: "log" },
    series: [{ name: convexity.density, x: eigenvalues, y: density.map(drawn) }],
    bands: [
      {
        name: convexity.densityBand,
        x: eigenvalues,
        low: density.map((value, at) => drawn(value - deviation[at]!)),
        high: density.map((value, at) => drawn(value + deviation[at]!)),
      },
    ],
    shades: [{ name: convexity.negative, ranges: [[Math.min(0, eigenvalues[0]!), 0]] }],
  };
}
