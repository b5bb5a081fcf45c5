import type { Language } from "../../language/index.js";
import path from "node:path";
import { countedExactly } from "../../common/text/plurals.js";
import type { Landscape, LandscapeRecord } from "../../landscape/index.js";
import type { ReportSection, SurfaceFigure } from "../figures/figure.js";
import { lossName } from "../figures/loss-names.js";
import { settingsOfLandscape } from "./landscape-settings.js";
import { rowsOfBatches, textOf, titleOfLandscape } from "./landscape-texts.js";
import { lowestTable } from "./lowest-points.js";
import { claimOfPlane, claimOfSlices } from "./claims/landscape.js";
import { planeFigures, planeTable, readPlane, type PlaneGrid } from "./plane.js";
import type { WalkPlane } from "./walk/figures.js";
import { slicesFigure, spansDecades } from "./slices.js";

/** A landscape as two sections: its figures and tables, and its settings. */
export async function sectionsOfLandscape(
  _language: Language,
  landscape: Landscape,
): Promise<ReportSection[]> {
  const { record } = landscape;
  const figures = record.kind === "plane" ? planeSection(landscape) : lineSection(landscape);
  return [await figures, settingsOfLandscape(record)];
}

/** The slices of the batches, also on a logarithmic axis if they span decades, and their lowest points. */
async function lineSection(landscape: Landscape): Promise<ReportSection> {
  const { record, dir } = landscape;
  // A landscape of many batches may have kept their summary only.
  const [curves, summary] = await Promise.all([
    record.keep === "all" ? landscape.curves() : [],
    landscape.summary(),
  ]);
  const { title, text } = textOf(record);
  const figures = [slicesFigure(record, curves, summary, "linear")];
  if (spansDecades(curves, summary)) {
    figures.push({ ...slicesFigure(record, curves, summary, "log"), beside: true });
  }
  const data = [
    ...(record.keep === "all"
      ? [{ file: path.join(dir, "slices.parquet"), what: "the loss of each batch" }]
      : []),
    { file: path.join(dir, "summary.parquet"), what: "mean, spread and quantiles" },
  ];
  return {
    id: "landscape",
    title: claimOfSlices(record, curves, summary),
    name: `Slices ${title}`,
    text,
    blocks: [
      ...figures.map((figure) => ({ ...figure, data })),
      ...(curves.length > 0 ? [lowestTable(record, curves)] : []),
    ],
  };
}

/** The titles of α on a plane; default: a random direction. */
const alphaTitles: Record<string, string> = {
  path: "α, along the path’s first principal direction",
  gradient: "α, along the gradient",
  model: "α, from the run’s weights (0) to the other model’s (1)",
  swap: "α, from the run’s weights (0) to those with two units exchanged (1)",
  rescale: "α, from the run’s weights (0) to the rescaled ones (1)",
  curvature: "α, along the first eigenvector of the Hessian",
};

/** The titles of β; default: a random direction. */
const betaTitles: Record<string, string> = {
  path: "β, along the second principal direction",
  curvature: "β, along the next eigenvector of the Hessian",
};

/** A plane along the path of a training, for the figures of the training; undefined for other landscapes. */
export async function walkPlane({ record, dir }: Landscape): Promise<WalkPlane | undefined> {
  const { path: run } = record;
  if (record.kind !== "plane" || run?.betas === undefined) return undefined;
  const grid = await readPlane(dir);
  return { grid, path: run, figures: figuresOfPlane(record, dir, grid) };
}

function figuresOfPlane(record: LandscapeRecord, dir: string, grid: PlaneGrid): SurfaceFigure[] {
  const text = {
    loss: lossName(record.standardized),
    alpha: alphaTitles[record.along] ?? "α, along the first random direction",
    beta: betaTitles[record.along] ?? "β, along a second random direction",
  };
  const data = [{ file: path.join(dir, "surface.parquet"), what: "mean and variance of the loss" }];
  return planeFigures(grid, text, record.path, data);
}

async function planeSection({ record, dir }: Landscape): Promise<ReportSection> {
  const grid = await readPlane(dir);
  const { path: run } = record;
  return {
    id: "landscape",
    title: claimOfPlane(grid, run),
    name: titleOfLandscape(record),
    text: `The plane passes through the run’s weights at α = β = 0; at (α, β) the weights are moved by α times one direction and β times another. The height is the mean loss of ${countedExactly(record.batches.length, "batch", "batches")} of ${rowsOfBatches(record)} rows.`,
    blocks: [...figuresOfPlane(record, dir, grid), planeTable(grid, run)],
  };
}
