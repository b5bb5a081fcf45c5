import path from "node:path";
import { isInterruption, VadiError } from "../../common/errors.js";
import { curvature, type CurvatureOptions, type CurvatureResult } from "../../curvature/index.js";
import { pathSection, type LineFigure, type ReportSection } from "../../report/index.js";
import { openRun, type Run } from "../../train/index.js";
import { runSections } from "../sections.js";
import type { Context } from "../types.js";

/*
 * What becomes of the largest eigenvalue during a training with all rows in each step: it rises to 2/η, and stays there
 * (Cohen et al. 2021).
 */

/** Few rows, so that there are as many steps and snapshots as it takes. */
const ROWS = 1000;
const STEPS = 2000;
const MODEL = "mlp:40,20";

/** A training by gradient descent, and the largest eigenvalues along its path. */
export interface Edge {
  run: Run;
  along: CurvatureResult;
}

/**
 * Trains a network by gradient descent on 1000 rows, with half the largest learning rate that is stable at its
 * initial weights.
 *
 * @returns undefined where the experiment has fewer rows, or the training diverged
 */
export async function trainAtEdge(context: Context): Promise<Edge | undefined> {
  if (context.number("rows") < ROWS) return undefined;
  const dataset = await context.data("two-layer-sigmoid", "edge", {}, { rows: ROWS });
  // A step is so small that TensorFlow.js's slowest backends would take longer for its calls than for its numbers.
  const own = { model: MODEL, optimizer: "gradient-descent", backend: "wasm" } as const;
  const find = (run: Run, more: CurvatureOptions): Promise<CurvatureResult> =>
    curvature(run, {
      dataset,
      vectors: 1,
      force: true,
      ...(context.signal && { signal: context.signal }),
      ...(context.onProgress && { onProgress: context.onProgress }),
      ...more,
    });
  const initial = await context.train(dataset, "edge-initial", { ...own, epochs: 0 });
  const [largest] = (await find(initial, {})).record.largest;
  const learningRate = Number((1 / largest!.eigenvalue).toPrecision(2));
  if (!(learningRate > 0 && learningRate < Infinity)) return undefined;
  const run = await unlessDiverged(
    context.train(dataset, "edge", { ...own, learningRate, epochs: STEPS }),
    path.join(context.out, "runs", "edge"),
  );
  if (run === undefined) return undefined;
  context.note("Following the largest eigenvalue along the path.");
  return { run, along: await find(run, { alongPath: true }) };
}

/** A training; undefined where it diverged. */
async function unlessDiverged(training: Promise<Run>, dir: string): Promise<Run | undefined> {
  try {
    return await training;
  } catch (error) {
    if (isInterruption(error) || !(error instanceof VadiError)) throw error;
    const { status } = (await openRun(dir)).record;
    if (status === "diverged") return undefined;
    throw error;
  }
}

/** For results.json. */
export function edgeResults({ run, along }: Edge): Record<string, unknown> {
  const { rows, alongPath } = along.record;
  return { rows, learningRate: run.record.options.learningRate, ...alongPath };
}

/** The largest eigenvalue over the steps, beside the loss. */
export async function edgeSections(
  context: Context,
  { run, along }: Edge,
  part: string,
): Promise<ReportSection[]> {
  const followed = await pathSection(context.language, along);
  const [training, ...others] = await runSections(context, run, "edge", part);
  // Without what moves with the training's scrubber.
  const { ball: _ball, frames: _frames, ...loss } = training!.blocks.find(isLines)!;
  const [first, ...rest] = followed.blocks;
  const caption = context.language.texts.convexity.edgeLossCaption;
  const blocks = [first!, { ...loss, id: "edge-loss", caption, beside: true }, ...rest];
  return [{ ...followed, id: "edge", part, blocks }, ...others];
}

function isLines(block: ReportSection["blocks"][number]): block is LineFigure {
  return block.kind === "lines";
}
