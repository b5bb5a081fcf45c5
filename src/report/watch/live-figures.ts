import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { formatNumber } from "../../common/text/numbers.js";
import { languageOf } from "../../language/index.js";
import { landscape, openLandscape } from "../../landscape/index.js";
import type { Landscape } from "../../landscape/index.js";
import { loadModel } from "../../model/index.js";
import type { Run } from "../../train/index.js";
import type { LineFigure } from "../figures/figure.js";
import { slicesFigure } from "../sections/lines/slices.js";
import type { WatchedWeights } from "./snapshots.js";

/** The landscape through a snapshot: small enough for a second on one thread beside the training. */
const live = { points: 51, batches: 3, rows: 10_000, scale: 1, workers: 1 };

/** Slices of a few batches through a snapshot, drawn like those of a landscape. */
export async function sliceAround(
  run: Run,
  snapshot: WatchedWeights,
  signal: AbortSignal,
): Promise<LineFigure> {
  const temporary = await mkdtemp(path.join(tmpdir(), "vadi-watch-"));
  try {
    const { rows, path: dataset } = run.record.dataset;
    const batchSize = Math.min(live.rows, run.record.options.batchSize, rows);
    const made = await landscape(
      { ...run, weights: () => loadModel(snapshot.folder) },
      {
        dataset,
        batches: Math.min(live.batches, Math.ceil(rows / batchSize)),
        batchSize,
        points: live.points,
        scale: live.scale,
        workers: live.workers,
        out: path.join(temporary, "slices"),
        signal,
      },
    );
    const figure = await figureOf(made);
    return {
      ...figure,
      id: "live-slices",
      title: `${figure.title}, through the weights of step ${formatNumber(snapshot.step)}`,
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A landscape in a run's folder as a figure; undefined for a plane. */
export async function landscapeFigure(run: string, name: string): Promise<LineFigure | undefined> {
  const opened = await openLandscape(path.join(run, "landscapes", name));
  if (opened.record.kind !== "line") return undefined;
  const figure = await figureOf(opened);
  return { ...figure, title: `Landscape ${name}: ${figure.title}` };
}

async function figureOf(made: Landscape): Promise<LineFigure> {
  const [curves, summary] = await Promise.all([
    made.record.keep === "all" ? made.curves() : [],
    made.summary(),
  ]);
  return slicesFigure(
    languageOf("en"),
    made.record,
    curves.filter(isFirst),
    summary.filter(isFirst),
    "linear",
  );
}

/** Whether it belongs to the first line, to a model whose units were matched; a second one leads to it as it is. */
function isFirst({ slice }: { slice: number }): boolean {
  return slice === 0;
}
