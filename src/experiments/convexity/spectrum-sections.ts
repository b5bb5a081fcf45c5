import { withError } from "../../common/text/numbers.js";
import type { CurvatureResult, Estimate } from "../../curvature/index.js";
import type { Language } from "../../language/index.js";
import { densityFigure, type FactTable, type ReportSection } from "../../report/index.js";
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
  const { convexity, curvature } = texts;
  const { parameters, expected, standardError, deviation, negative, share } = random;
  const estimate = (one: Estimate): string => withError(one, number, 3);
  const average = estimate({ estimate: expected, standardError });
  return {
    id: "random-spectrum",
    title: convexity.spectrumTitle(share, Math.round(negative.count.estimate), parameters),
    name: convexity.spectrumName,
    part,
    text: convexity.spectrumText(average, deviation),
    blocks: [
      { ...(await densityFigure(texts, density)), id: "random-density" },
      factTable(
        "random-spectrum-table",
        convexity.spectrumTable,
        [
          [convexity.densityRows, density.record.rows],
          [curvature.parameters, parameters],
          [curvature.trace, estimate(density.record.trace)],
          [convexity.expected, average],
          [convexity.deviation, number(deviation, 3)],
          [curvature.negativeCount, estimate(negative.count)],
          [curvature.negativeSum, estimate(negative.sum)],
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
