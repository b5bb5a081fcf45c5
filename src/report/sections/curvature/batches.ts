import path from "node:path";
import type { CurvatureResult } from "../../../curvature/index.js";
import type { Language } from "../../../language/index.js";
import type { LineFigure, ReportSection } from "../../figures/figure.js";

/** More batches than this are drawn as small points. */
const MOST_POINTS = 100;

/** The eigenvalues of single batches, beside those of all rows. */
export async function batchesSection(
  { texts, number }: Language,
  result: CurvatureResult,
): Promise<ReportSection> {
  const { curvature } = texts;
  const batches = await result.perBatch();
  const { least, largest, perBatch } = result.record;
  const numbers = batches.map(({ batch }) => batch);
  const ends = [numbers[0]!, numbers.at(-1)!];
  const figure = (end: "least" | "largest", all: number): LineFigure => ({
    kind: "lines",
    id: `curvature-batches-${end}`,
    title: end === "least" ? curvature.leastOfBatches : curvature.largestOfBatches,
    caption: curvature.batchesCaption,
    x: { title: curvature.batchAxis, symbol: curvature.batch },
    y: { title: curvature.eigenvalueAxis, symbol: "λ" },
    series: [
      {
        name: curvature.ofBatch,
        role: batches.length > MOST_POINTS ? "cloud" : "points",
        x: numbers,
        y: batches.map((values) => values[end]),
      },
      { name: `${curvature.ofAll}: ${number(all, 4)}`, role: "reference", x: ends, y: [all, all] },
    ],
    ...(end === "largest" && { beside: true }),
    data: [{ file: path.join(result.dir, "batches.parquet"), what: curvature.batchesFile }],
  });
  return {
    id: "curvature-batches",
    title: curvature.batchesTitle(
      batches.length,
      number(perBatch!.least[0], 3),
      number(perBatch!.largest[1], 3),
    ),
    name: curvature.batchesName,
    text: curvature.batchesText,
    blocks: [figure("least", least[0]!.eigenvalue), figure("largest", largest[0]!.eigenvalue)],
  };
}
