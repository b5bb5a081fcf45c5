import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { landscape, openLandscape } from "../../landscape/index.js";
import type { Landscape } from "../../landscape/index.js";
import { loadModel } from "../../model/index.js";
import type { Run } from "../../train/index.js";
import { slicesFigure } from "../sections/landscape.js";
import type { LineFigure } from "../figures/figure.js";
import { formatNumber } from "../../common/text/numbers.js";

/** What is computed of a checkpoint: little enough for a second beside a training. */
const live = { points: 51, batches: 3, rows: 10_000, scale: 1, workers: 1 };

/** The weights of a run at a step. */
export interface Snapshot {
  step: number;
  /** The folder of `model.json` and `weights.bin`. */
  folder: string;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // There is none yet.
  }
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Where a checkpoint may keep its model. */
const modelPlaces = [".", "model"];

/** The newest weights that a run has left, be it at its end, as a checkpoint or for its path. */
export async function newestSnapshot({ dir: run, record }: Run): Promise<Snapshot | undefined> {
  const found: Snapshot[] = [];
  const { result } = record;
  if (result) {
    // Where the run standardises, model/ has the standardisation folded in: it is not of these rows.
    const name = record.standardize === null ? "model" : "weights";
    found.push({ step: result.steps, folder: path.join(run, name) });
  }
  for (const kind of ["checkpoints", "path"]) {
    for (const name of await entriesOf(path.join(run, kind))) {
      const step = /^step-(\d{1,15})$/.exec(name)?.[1];
      if (step !== undefined)
        found.push({ step: Number(step), folder: path.join(run, kind, name) });
    }
  }
  for (const { step, folder } of found.toSorted((a, b) => b.step - a.step)) {
    for (const place of modelPlaces) {
      const model = path.join(folder, place);
      if (
        (await isFile(path.join(model, "model.json"))) &&
        (await isFile(path.join(model, "weights.bin")))
      )
        return { step, folder: model };
    }
  }
  return undefined;
}

/** The slices of a few batches around weights, drawn as those of a landscape are. */
export async function sliceAround(
  run: Run,
  snapshot: Snapshot,
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

async function figureOf(made: Landscape): Promise<LineFigure> {
  const [curves, summary] = await Promise.all([
    made.record.keep === "all" ? made.curves() : [],
    made.summary(),
  ]);
  return slicesFigure(made.record, curves, summary, "linear");
}

/** The landscapes that lie in a run's folder, by name. */
export async function landscapeNames(run: string): Promise<string[]> {
  const folder = path.join(run, "landscapes");
  const names: string[] = [];
  for (const name of (await entriesOf(folder)).toSorted()) {
    if (!name.startsWith(".") && (await isFile(path.join(folder, name, "landscape.json"))))
      names.push(name);
  }
  return names;
}

/** A landscape of lines from a run's folder as a figure. */
export async function landscapeFigure(run: string, name: string): Promise<LineFigure | undefined> {
  const opened = await openLandscape(path.join(run, "landscapes", name));
  if (opened.record.kind !== "line") return undefined;
  const figure = await figureOf(opened);
  return { ...figure, title: `Landscape ${name}: ${figure.title}` };
}
