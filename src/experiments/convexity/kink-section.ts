import path from "node:path";
import { formatNumber } from "../../common/text/numbers.js";
import type { Certificate, EigenvectorKinks } from "../../curvature/index.js";
import type { LineFigure, ReportSection } from "../../report/index.js";
import type { Certificates, Spectra } from "./proofs.js";

/** What the kinks add to the slope along a line, beside what bends between them. */
export async function kinkSection(
  { all }: Spectra,
  { batch, mean }: Certificates,
  part: string,
): Promise<ReportSection> {
  const kinks = all.record.kinks ?? [];
  const [along] = kinks;
  const made = mean.record.rows > batch.record.rows ? mean : batch;
  return {
    id: "kinks",
    title: titleOf(along),
    name: "The kinks",
    part,
    text: "Where a unit switches for a row, the slope of the row’s squared error jumps. No Hessian sees these kinks: it is that of the smooth piece in which the weights lie. The second difference (L(−r) − 2L(0) + L(r))/r² sees both. The certificate lists each kink at which the slope of the mean falls, with its row and unit.",
    blocks: [
      await kinkFigure(made),
      {
        kind: "table",
        id: "kinks-table",
        title: "What the kinks add to the second difference of the loss",
        columns: [
          "eigenvector",
          "radius r",
          "rows",
          "(row, unit) pairs that switch",
          "second difference",
          "of which from kinks",
          "eigenvalue",
        ],
        rows: kinks.map(({ direction, radius, switches, quotient, fromKinks }) => [
          direction === 1 ? "of the least eigenvalue" : "of the largest eigenvalue",
          radius,
          all.record.rows,
          switches,
          quotient,
          fromKinks,
          (direction === 1 ? all.record.least : all.record.largest)[0]!.eigenvalue,
        ]),
      },
    ],
  };
}

function titleOf(along: EigenvectorKinks | undefined): string {
  if (along === undefined) return "Kinks: where a unit switches for a row, the slope jumps";
  const { switches, fromKinks, quotient } = along;
  return `Within ${formatNumber(along.radius)} of the weights ${formatNumber(switches)} (row, unit) pairs switch; their kinks add ${short(fromKinks)} to a second difference of ${short(quotient)}`;
}

function short(value: number): string {
  return formatNumber(Number(value.toPrecision(2)));
}

/** The slope since the begin of the line, as the sum of what bends and of what jumps. */
async function kinkFigure(made: Certificate): Promise<LineFigure> {
  const { alpha, slope, secondDerivative } = await made.profile();
  const bent = new Float64Array(alpha.length);
  for (let at = 1; at < alpha.length; at++) {
    const width = alpha[at]! - alpha[at - 1]!;
    bent[at] = bent[at - 1]! + (width * (secondDerivative[at]! + secondDerivative[at - 1]!)) / 2;
  }
  const total = slope.map((value) => value - slope[0]!);
  return {
    kind: "lines",
    id: "kinks-slope",
    title: `How the slope of the mean loss of ${formatNumber(made.record.rows)} rows changes along the worst direction`,
    caption:
      "Look at the part of the kinks: where it falls, single rows turn the slope down; where it rises, up.",
    x: { title: "α, along the eigenvector of the least eigenvalue", symbol: "α" },
    y: { title: "change of the slope since the begin of the line", symbol: "change" },
    series: [
      { name: "all of it", x: alpha, y: total, role: "mean" },
      { name: "by the second derivative", x: alpha, y: bent },
      { name: "by kinks", x: alpha, y: total.map((value, at) => value - bent[at]!) },
    ],
    data: [
      { file: path.join(made.dir, "kinks.parquet"), what: "all kinks at which the slope falls" },
      { file: path.join(made.dir, "profile.parquet"), what: "loss and derivatives" },
    ],
  };
}
