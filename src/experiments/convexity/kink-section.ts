import path from "node:path";
import type { Certificate, EigenvectorKinks } from "../../curvature/index.js";
import type { Language, Texts } from "../../language/index.js";
import { kinksTable, type LineFigure, type ReportSection } from "../../report/index.js";
import type { Certificates, Spectra } from "./proofs.js";

/** What the kinks add to the slope along a line, beside what bends between them. */
export async function kinkSection(
  language: Language,
  { all }: Spectra,
  { batch, mean }: Certificates,
  part: string,
): Promise<ReportSection> {
  const { texts } = language;
  const { convexity } = texts;
  const [along] = all.record.kinks ?? [];
  const made = mean.record.rows > batch.record.rows ? mean : batch;
  return {
    id: "kinks",
    title: titleOf(texts, along),
    name: convexity.parts.kinks,
    part,
    text: convexity.kinksText,
    blocks: [
      await kinkFigure(texts, made),
      { ...kinksTable(language, all.record), id: "kinks-table" },
    ],
  };
}

function titleOf({ convexity }: Texts, along: EigenvectorKinks | undefined): string {
  if (along === undefined) return convexity.kinksPlainTitle;
  const { radius, switches, fromKinks, quotient } = along;
  return convexity.kinksTitle(radius, switches, fromKinks, quotient);
}

/** The slope since the begin of the line, as the sum of what bends and of what jumps. */
async function kinkFigure({ convexity }: Texts, made: Certificate): Promise<LineFigure> {
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
    title: convexity.slopeTitle(made.record.rows),
    caption: convexity.slopeCaption,
    x: { title: convexity.slopeX, symbol: "α" },
    y: { title: convexity.slopeY, symbol: convexity.change },
    series: [
      { name: convexity.allOfIt, x: alpha, y: total, role: "mean" },
      { name: convexity.bySecond, x: alpha, y: bent },
      { name: convexity.byKinks, x: alpha, y: total.map((value, at) => value - bent[at]!) },
    ],
    data: [
      { file: path.join(made.dir, "kinks.parquet"), what: convexity.kinksFile },
      { file: path.join(made.dir, "profile.parquet"), what: convexity.profileFile },
    ],
  };
}
