import type { Language } from "../../language/index.js";
import path from "node:path";
import type { Landscape, LandscapeRecord } from "../../landscape/index.js";
import { alignmentFigure, barrierTable } from "./lines/barrier.js";
import type { ReportSection, SurfaceFigure } from "../figures/figure.js";
import { lossName } from "../figures/loss-names.js";
import { settingsOfLandscape } from "./landscape-settings.js";
import { isOverFactors, rowsOfBatches, textOf, titleOfLandscape } from "./landscape-texts.js";
import { lowestTable } from "./lines/lowest-points.js";
import { claimOfPlane, claimOfSlices } from "./claims/landscape.js";
import { factorMarks, factorTable, overFactors } from "./factors.js";
import { planeFigures, planeTable, readPlane, type PlaneGrid } from "./plane.js";
import type { WalkPlane } from "./walk/figures.js";
import { slicesFigure, spansDecades } from "./lines/slices.js";

/** A landscape as two sections: its figures and tables, and its settings. */
export async function sectionsOfLandscape(
  language: Language,
  landscape: Landscape,
): Promise<ReportSection[]> {
  const { record } = landscape;
  const figures =
    record.kind === "plane" ? planeSection(language, landscape) : lineSection(language, landscape);
  return [await figures, settingsOfLandscape(language, record)];
}

/** The slices of the batches, also on a logarithmic axis if they span decades, and their lowest points. */
async function lineSection(language: Language, landscape: Landscape): Promise<ReportSection> {
  const { record, dir } = landscape;
  const { texts } = language;
  // A landscape of many batches may have kept their summary only.
  const [all, both] = await Promise.all([
    record.keep === "all" ? landscape.curves() : [],
    landscape.summary(),
  ]);
  const curves = all.filter(({ slice }) => slice === 0);
  const summary = both.filter(({ slice }) => slice === 0);
  const { title, text } = textOf(texts, record);
  const figures = [slicesFigure(language, record, curves, summary, "linear")];
  if (spansDecades(curves, summary)) {
    figures.push({ ...slicesFigure(language, record, curves, summary, "log"), beside: true });
  }
  if (record.alignment) figures.unshift(alignmentFigure(language, record, both));
  const barrier = barrierTable(language, record);
  const data = [
    ...(record.keep === "all"
      ? [{ file: path.join(dir, "slices.parquet"), what: texts.landscape.lossOfBatches }]
      : []),
    { file: path.join(dir, "summary.parquet"), what: texts.landscape.summary },
  ];
  return {
    id: "landscape",
    title: claimOfSlices(texts, record, curves, summary),
    name: texts.landscape.slicesName(title),
    text,
    blocks: [
      ...figures.map((figure) => ({ ...figure, data })),
      ...(barrier ? [barrier] : []),
      ...(curves.length > 0 ? [lowestTable(language, record, curves)] : []),
    ],
  };
}

/** A plane along the path of a training, for the figures of the training; undefined for other landscapes. */
export async function walkPlane(
  language: Language,
  { record, dir }: Landscape,
): Promise<WalkPlane | undefined> {
  const { path: run } = record;
  if (record.kind !== "plane" || run?.betas === undefined) return undefined;
  const grid = await readPlane(dir);
  return { grid, path: run, figures: figuresOfPlane(language, record, dir, grid) };
}

function figuresOfPlane(
  language: Language,
  record: LandscapeRecord,
  dir: string,
  grid: PlaneGrid,
): SurfaceFigure[] {
  const { texts } = language;
  const alphaAxes: Readonly<Record<string, string>> = texts.landscape.alphaAxes;
  const betaAxes: Readonly<Record<string, string>> = texts.landscape.betaAxes;
  const axes = {
    loss: lossName(texts, record.standardized),
    alpha: alphaAxes[record.along] ?? texts.landscape.alphaAxes.random,
    beta: betaAxes[record.along] ?? texts.landscape.betaAxes.random,
    symbols: isOverFactors(record) ? (["a", "b"] as const) : (["α", "β"] as const),
  };
  const file = path.join(dir, "surface.parquet");
  const data = [{ file, what: texts.landscape.meanAndVariance }];
  const { symmetry } = record;
  const marks = symmetry && factorMarks(language, grid, symmetry);
  return planeFigures(texts, grid, axes, record.path, data, marks);
}

async function planeSection(
  language: Language,
  { record, dir }: Landscape,
): Promise<ReportSection> {
  const { texts } = language;
  const plane = await readPlane(dir);
  const grid = isOverFactors(record) ? overFactors(plane) : plane;
  const { path: run, symmetry } = record;
  return {
    id: "landscape",
    title: symmetry?.rise
      ? texts.claims.curvedValley(symmetry.rise.value)
      : claimOfPlane(texts, grid, run, centreOf(record)),
    name: titleOfLandscape(texts, record),
    text: isOverFactors(record)
      ? texts.landscape.aboutFactors(record.batches.length, rowsOfBatches(language, record))
      : texts.landscape.aboutPlane(record.batches.length, rowsOfBatches(language, record)),
    blocks: [
      ...figuresOfPlane(language, record, dir, grid),
      symmetry ? factorTable(language, symmetry) : planeTable(language, plane, run),
    ],
  };
}

/** The coordinates of the run's weights, both the same. */
function centreOf(record: LandscapeRecord): number {
  return isOverFactors(record) ? 1 : 0;
}
