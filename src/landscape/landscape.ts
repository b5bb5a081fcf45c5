import path from "node:path";
import { interruption, throwIfAborted, usageError } from "../common/errors.js";
import { outputError } from "../files/output-folder.js";
import { openRun, rowsOfRun } from "../train/index.js";
import type { Network } from "../model/index.js";
import type { Run } from "../train/index.js";
import { checkFeatures, checkFinite, datasetOfRun } from "./dataset-of-run.js";
import { normOf } from "./directions/weights.js";
import { keepOf, writeResult } from "./merge/finish.js";
import { automaticScale } from "./automatic-scale.js";
import { gridOf, isDenseGrid, makeAxes } from "./axes.js";
import type { Axes, AxesInput } from "./axes.js";
import { LOG_FILE, openLossLog } from "./summary/loss-log.js";
import type { LossLog } from "./summary/loss-log.js";
import { linesOf, pointsOf } from "./points/grid.js";
import type { SliceMethod } from "./methods/types.js";
import type { AnyGrid } from "./points/grid.js";
import { chooseMethod } from "./methods/choose-method.js";
import { isScaleSymmetric, scaleSums } from "./methods/scale-sums.js";
import { sideBySide } from "./methods/side-by-side.js";
import { openLandscape } from "./store/open.js";
import {
  landscapeCommandLine,
  defaultName,
  modelOf,
  landscapeSettings,
} from "./points/resolve-options.js";
import type { LandscapeSettings } from "./points/resolve-options.js";
import { openOutput } from "./store/output.js";
import type { Output } from "./store/output.js";
import { evaluateBatches } from "./evaluate-batches.js";
import type { Pass } from "./evaluate-batches.js";
import { loadPlan, planFile, planOf, savePlan } from "./resume-plan.js";
import type { Plan } from "./resume-plan.js";
import { selectBatches } from "./points/select-batches.js";
import type { Landscape, LandscapeOptions, LandscapeRecord } from "./points/types.js";
import { exists } from "../files/folders.js";
import { outputPath } from "../files/output-path.js";

/**
 * Computes the loss (mean squared error) of each selected batch at every point of a line or a plane
 * through a run's weights, in one pass over the data, and writes it to a folder. Batch i is rows
 * i·B … (i+1)·B−1 of the dataset in file order; the last one may be smaller. Until it is complete,
 * the folder keeps each batch's losses, so that `resume` can continue after an interruption or a kill.
 *
 * @param run a run, or its folder
 * @returns the landscape, as read back from its folder
 * @throws a usage error for wrong options, batches that the dataset does not have, or a folder that
 *   holds something else; a failure where run, dataset and model do not fit each other, files cannot be
 *   read or written, or another process writes to the folder; an interruption once `signal` is aborted
 */
export async function landscape(
  run: Run | string,
  options: LandscapeOptions = {},
): Promise<Landscape> {
  const job = await jobOf(typeof run === "string" ? await openRun(run) : run, options);
  throwIfAborted(options.signal);
  const { out } = job;
  const { force = false, resume = false } = options;
  const output = await openOutput(out, { force, resume });
  if (output.action === "complete") {
    output.keep();
    return finishedAs(out, job);
  }
  const progress: LandscapeProgress = { log: undefined };
  try {
    await compute(job, output, progress);
    progress.log?.close();
    await output.commit();
  } catch (error) {
    const kept = await leave(output, progress);
    // Whatever error the abort caused.
    if (options.signal?.aborted) {
      throw interruption((option) =>
        kept === 0
          ? "The landscape was interrupted, and nothing of it is kept; the same command starts it again."
          : `The landscape was interrupted after ${kept} of ${job.batches.length} batches; the same command with ${option("resume")} continues it.`,
      );
    }
    throw outputError(out, { name: "a landscape" }, error);
  }
  return openLandscape(out);
}

/** All that a landscape is computed from. */
interface Job extends AxesInput<Network> {
  settings: LandscapeSettings;
  plan: Plan;
  out: string;
  options: LandscapeOptions;
}

interface LandscapeProgress {
  /** The losses of the batches that are done; undefined until it is opened. */
  log: LossLog | undefined;
}

/** Computes the losses that are not there yet, and writes the files of the result. */
async function compute(job: Job, output: Output, progress: LandscapeProgress): Promise<void> {
  const { dataset, batches, settings, options } = job;
  const planned = exists(path.join(output.partial, planFile));
  const axes = planned
    ? await loadPlan(output.partial, job.plan, job.out)
    : await makeAxes(job, settings);
  const grid = gridOf(axes, settings);
  const method = await methodOf(job, grid);
  let log: LossLog;
  let pass: Pass;
  try {
    // The method's threads start meanwhile.
    if (!planned) await savePlan(output.partial, job.plan, axes);
    progress.log = log = openLossLog(path.join(output.partial, LOG_FILE), method.curves);
    pass = await evaluateBatches(dataset, batches, settings.batchSize, method, log, options);
  } finally {
    await method.dispose();
  }
  const record = recordOf(job, axes, grid, method, pass);
  await writeResult(output.result, grid, log, record, options.signal);
}

/**
 * Unlocks the folder, with what is worth keeping.
 *
 * @returns how many batches are kept
 */
async function leave(output: Output, { log }: LandscapeProgress): Promise<number> {
  const kept = log?.batches.size ?? 0;
  log?.close();
  if (kept > 0 || output.action === "resume") output.keep();
  else await output.discard();
  return kept;
}

async function jobOf(run: Run, options: LandscapeOptions): Promise<Job> {
  const given = landscapeSettings(options, run.record.options.batchSize);
  const dataset = rowsOfRun(run, await datasetOfRun(run, options.dataset, options));
  const { batchSize } = given;
  const batches = selectBatches(given.batches, dataset.rows, batchSize);
  const network = await run.weights();
  checkFeatures(run, network, dataset);
  // Between random points only the shape of the run's model matters.
  if (given.along !== "random-points") checkFinite(run, network);
  const { signal } = options;
  const input = { run, network, dataset, batches, batchSize, signal };
  const settings =
    options.scale === "auto" ? { ...given, scale: await automaticScale(input, given) } : given;
  const plan = planOf(network, dataset.fingerprint, settings, batches);
  const out = outputPath(options.out ?? path.join(run.dir, "landscapes", defaultName(settings)));
  return { ...input, settings, plan, out, options };
}

async function methodOf({ dataset, batches, settings }: Job, grid: AnyGrid): Promise<SliceMethod> {
  const evaluated = Math.min(dataset.rows, batches.length * settings.batchSize);
  if (settings.along === "rescale" && settings.plane && isDenseGrid(grid)) {
    if (isScaleSymmetric(grid.centre)) return scaleSums(grid);
  }
  const { unaligned, ...rest } = grid;
  if (unaligned === undefined) return chooseMethod(grid, settings.workers, evaluated);
  const workers = Math.ceil(settings.workers / 2);
  const methods: SliceMethod[] = [];
  for (const directions of [grid.directions, [unaligned]]) {
    const line = { ...rest, directions, betas: Float64Array.of(0) };
    methods.push(await chooseMethod(line, workers, evaluated));
  }
  return sideBySide(methods, grid);
}

function recordOf(
  job: Job,
  axes: Axes,
  grid: AnyGrid,
  method: Pick<SliceMethod, "name" | "simd">,
  { rows, seconds }: Pass,
): LandscapeRecord {
  const { run, dataset, batches, settings, options, out } = job;
  const { along, plane, normalize, seed, scale, batchSize } = settings;
  const model = modelOf(along);
  const points = pointsOf(grid);
  return {
    formatVersion: 1,
    run: run.dir,
    dataset: { path: dataset.path, fingerprint: dataset.fingerprint },
    standardized: (run.record.standardize?.target ?? null) !== null,
    kind: plane ? "plane" : "line",
    ...(model === ""
      ? { along: along.replace(/:.*/s, "") as Exclude<LandscapeRecord["along"], "model"> }
      : { along: "model" as const, model: path.resolve(model) }),
    ...(axes.parameter === undefined ? {} : { parameter: axes.parameter }),
    normalize,
    seed,
    scale,
    alphas: [...grid.alphas],
    ...(plane ? { betas: [...grid.betas] } : {}),
    batchSize,
    batches: [...batches],
    keep: keepOf(options.keep, batches.length, points),
    directions: grid.directions.map((_, index) => `directions/${index + 1}`),
    directionNorms: grid.directions.map(normOf),
    ...(axes.path === undefined ? {} : { path: axes.path }),
    ...(axes.alignment && { alignment: axes.alignment }),
    command: landscapeCommandLine(run.dir, settings, options, out),
    method: method.name,
    simd: method.simd,
    rows: batches.reduce(
      (sum, batch) => sum + Math.min(batchSize, dataset.rows - batch * batchSize),
      0,
    ),
    seconds,
    rowPointsPerSecond: (rows * points) / Math.max(seconds, 1e-6),
  };
}

/** What a landscape lies along, as the option says it. */
function alongOf({ model, along, parameter }: LandscapeRecord, wanted: string): string {
  // Which units `swap` chose, the caller does not say.
  if (model !== undefined || parameter === undefined || wanted === "swap") return model ?? along;
  return `${along}:${parameter}`;
}

/** A complete landscape that `resume` finds, if it was computed with the same options. */
async function finishedAs(out: string, { settings, dataset, batches }: Job): Promise<Landscape> {
  const found = await openLandscape(out);
  const { record } = found;
  const grid = gridOf({ centre: [], directions: [] }, settings);
  const model = modelOf(settings.along);
  const wanted = [
    ["dataset", record.dataset.fingerprint, dataset.fingerprint],
    ["along", alongOf(record, settings.along), model === "" ? settings.along : path.resolve(model)],
    ["align", record.alignment !== undefined, settings.align],
    ["plane", record.kind, settings.plane ? "plane" : "line"],
    ["normalize", record.normalize, settings.normalize],
    ["seed", record.seed, settings.seed],
    ["scale", record.scale, settings.scale],
    ["points", record.alphas, [...grid.alphas]],
    ["points", linesOf(record), [...grid.betas]],
    ["batchSize", record.batchSize, settings.batchSize],
    ["batches", record.batches, batches],
  ] as const;
  const differing = wanted.find(([, is, want]) => JSON.stringify(is) !== JSON.stringify(want));
  if (differing !== undefined) {
    throw usageError(
      (option) =>
        `${out} already holds a landscape of another ${option(differing[0])}; choose another folder with ${option("out")}, or replace it with ${option("force")}.`,
    );
  }
  return found;
}
