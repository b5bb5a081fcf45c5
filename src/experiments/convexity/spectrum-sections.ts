import path from "node:path";
import { formatNumber, formatPercent } from "../../common/text/numbers.js";
import type { CurvatureResult, SpectralDensity } from "../../curvature/index.js";
import type { LineFigure, ReportSection } from "../../report/index.js";
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
  spectra: Spectra,
  random: RandomCurvature,
  part: string,
): Promise<ReportSection> {
  const { density, all, gaussNewton, residual } = spectra;
  const { parameters, expected, standardError, deviation, negative, share } = random;
  const count = `${formatNumber(Math.round(negative.count.estimate))} of ${formatNumber(parameters)} eigenvalues`;
  const values = (one: CurvatureResult): [least: string, largest: string] =>
    [one.record.least[0]!, one.record.largest[0]!].map(
      ({ eigenvalue, residual: off }) => `${short(eigenvalue)} ± ${short(off)}`,
    ) as [string, string];
  return {
    id: "random-spectrum",
    title: `Because its negative curvature weighs ${formatPercent(share)} of the whole: about ${count} are negative, and small`,
    name: "The spectrum of the Hessian",
    part,
    text: [
      `Along a unit vector v the loss bends by vᵀHv. On average over all directions that is the trace of the Hessian over the number of parameters, ${short(expected)} ± ${short(standardError)}; its standard deviation over directions is about ${short(deviation)}.`,
      "The density is estimated by stochastic Lanczos quadrature; the band is its spread over the random vectors.",
      "The Hessian is the sum of the Gauss–Newton part (2/n) Σ ∇f∇fᵀ, which has no negative eigenvalue, and of (2/n) Σ (f − y)∇²f: all negative curvature comes from the residuals.",
    ].join(" "),
    blocks: [
      { ...densityFigure(await density.density()), data: dataOf(density) },
      factTable("random-spectrum-table", "The spectrum and random directions", [
        ["rows of the density", density.record.rows],
        ["parameters", parameters],
        [
          "trace",
          `${short(density.record.trace.estimate)} ± ${short(density.record.trace.standardError)}`,
        ],
        [
          "curvature to expect along a random unit vector",
          `${short(expected)} ± ${short(standardError)}`,
        ],
        ["its standard deviation over directions, about", short(deviation)],
        [
          "negative eigenvalues",
          `${short(negative.count.estimate)} ± ${short(negative.count.standardError)}`,
        ],
        ["their sum", `${short(negative.sum.estimate)} ± ${short(negative.sum.standardError)}`],
        ["their share of the sum of all magnitudes", formatPercent(share)],
      ]),
      {
        kind: "table",
        id: "random-parts-table",
        title: "The two parts of the Hessian",
        columns: ["part", "rows", "least eigenvalue ± residual", "largest ± residual"],
        rows: (
          [
            ["Hessian", all],
            ["Gauss–Newton", gaussNewton],
            ["residuals", residual],
          ] as const
        ).map(([name, one]) => {
          const [least, largest] = values(one);
          return [name, one.record.rows, one === gaussNewton ? "none is negative" : least, largest];
        }),
      },
    ],
  };
}

function short(value: number): string {
  return formatNumber(Number(value.toPrecision(3)));
}

function dataOf({ dir }: CurvatureResult): NonNullable<LineFigure["data"]> {
  return [
    { file: path.join(dir, "density.parquet"), what: "the density of the eigenvalues" },
    { file: path.join(dir, "eigenpairs.parquet"), what: "the eigenvalues at both ends" },
  ];
}

/** Densities below this fraction of the highest are not drawn. */
const LOWEST = 1e-6;

function densityFigure({ eigenvalues, density, deviation }: SpectralDensity): LineFigure {
  const highest = density.reduce((most, value) => Math.max(most, value), 0);
  const drawn = (value: number): number => Math.max(value, LOWEST * highest);
  return {
    kind: "lines",
    id: "random-density",
    title: "The density of the Hessian’s eigenvalues",
    caption:
      "Look left of 0: that is all of the negative curvature. Nearly all eigenvalues are at 0, and a few large ones are far to the right.",
    x: { title: "eigenvalue λ", symbol: "λ" },
    y: { title: "density of the eigenvalues", symbol: "density", scale: "log" },
    series: [{ name: "density", x: eigenvalues, y: density.map(drawn) }],
    bands: [
      {
        name: "± its standard deviation over the random vectors",
        x: eigenvalues,
        low: density.map((value, at) => drawn(value - deviation[at]!)),
        high: density.map((value, at) => drawn(value + deviation[at]!)),
      },
    ],
    shades: [{ name: "negative", ranges: [[Math.min(0, eigenvalues[0]!), 0]] }],
  };
}
