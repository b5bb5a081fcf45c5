import path from "node:path";
import type { VadiError } from "../../common/errors.js";
import { isFiniteNetwork, withParameters } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import type { Dataset } from "../../stream/index.js";
import { createValidation, type Validation } from "../evaluation/validation.js";
import type { EngineState } from "../engine/types.js";
import { isStepOptimizer } from "../optimizers/index.js";
import { writeCheckpoint, type Checkpoint } from "../run/checkpoint.js";
import { openJournal, type HistoryJournal } from "../run/history.js";
import { openPathSnapshots, type PathSnapshots } from "../run/path-snapshots.js";
import { RUN_FILES } from "../run/run-folder.js";
import { learningRateAt } from "../schedule.js";
import type { TrainingSettings } from "../resolve-options.js";
import type { RunRecord, TrainOptions } from "../types.js";
import { divergenceError } from "./divergence.js";
import type { Job, TrainingState } from "./job.js";

/** Shortest time between two reports of progress, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** What a training works with, once its options are checked and its folder is locked. */
export interface Session {
  training: Dataset;
  validation: Dataset | undefined;
  options: TrainOptions;
  settings: TrainingSettings;
  /** The network to start from. */
  network: Network;
  record: RunRecord;
  /** The checkpoint to resume from. */
  from: Checkpoint | undefined;
}

/** What the steps of a training loop share. */
export interface Loop {
  readonly session: Session;
  readonly state: TrainingState;
  readonly journal: HistoryJournal;
  /** Snapshots of the weights for landscapes along the path; undefined for the closed form. */
  readonly snapshots: PathSnapshots | undefined;
  /** Undefined where no rows are kept from training. */
  readonly validation: Validation | undefined;
  /** The latest logged loss; null before the first, and after one that is not finite. */
  loss: number | null;
  diverged: boolean;
  /** When the last checkpoint was written (`performance.now()`), and after which step; −1 before the first. */
  checkpointed: { at: number; step: number };
  /** When progress was last reported. */
  reported: number;
  /** Seconds of training, those before a resume included. */
  elapsed(): number;
}

/** Opens the files that a training appends to, and restores where a checkpoint left off. */
export async function startLoop(session: Session): Promise<Loop> {
  const { settings, network, from } = session;
  const { out, optimizer, steps } = settings;
  const state: TrainingState = {
    network,
    engine: from?.engine,
    loader: from?.loader,
    steps: from?.steps ?? 0,
    epochs: from?.epochs ?? 0,
    rows: from?.rows ?? 0,
    waitedSeconds: from?.waitedSeconds ?? 0,
  };
  const journal = openJournal(path.join(out, RUN_FILES.journal), from?.historyBytes ?? 0);
  const started = performance.now() - (from?.seconds ?? 0) * 1000;
  const validationState = from?.validation ?? { measures: [], best: undefined };
  const validation =
    session.validation &&
    createValidation(session.validation, settings, validationState, session.options.signal);
  const snapshots =
    optimizer === "closed-form"
      ? undefined
      : await openPathSnapshots(path.join(out, RUN_FILES.path), network, steps, state.steps);
  return {
    session,
    state,
    journal,
    snapshots,
    validation,
    loss: from?.loss ?? null,
    diverged: false,
    checkpointed: { at: performance.now(), step: from?.steps ?? -1 },
    reported: performance.now(),
    elapsed: () => (performance.now() - started) / 1000,
  };
}

/** The optimiser's view of the loop. */
export function jobOf(loop: Loop): Job {
  const { training, settings, record, from, options } = loop.session;
  return {
    dataset: training,
    settings,
    state: loop.state,
    backend: record.backend,
    from,
    signal: options.signal,
    isLogged: (step) => step === 1 || step === settings.steps || step % settings.logEvery === 0,
    log: (step, epoch, rows, loss) => log(loop, { step, epoch, rows, loss }),
    afterStep: (read) => afterStep(loop, read),
    progress(rows) {
      const now = performance.now();
      if (now - loop.reported < PROGRESS_INTERVAL) return;
      loop.reported = now;
      reportProgress(loop, rows);
    },
  };
}

function log(
  loop: Loop,
  { step, epoch, rows, loss }: { step: number; epoch: number; rows: number; loss: number },
): void {
  const { settings } = loop.session;
  if (!Number.isFinite(loss)) {
    loop.loss = null;
    throw divergence(loop, `the loss of step ${step} (epoch ${epoch}) is not finite`);
  }
  loop.loss = loss;
  loop.journal.write({
    step,
    epoch,
    rows,
    loss,
    learningRate:
      settings.optimizer === "closed-form" ? settings.learningRate : learningRateAt(settings, step),
    seconds: loop.elapsed(),
  });
}

/** Validates, takes a snapshot and writes a checkpoint where they are due. Returns whether training continues. */
function afterStep(loop: Loop, read: () => Promise<EngineState>): Promise<boolean> | boolean {
  const { state, validation } = loop;
  const due = {
    validation: validation !== undefined && validation.state.measures.length < state.epochs,
    snapshot: loop.snapshots?.isDue(state.steps) === true,
    checkpoint: isCheckpointDue(loop),
  };
  if (due.validation || due.snapshot || due.checkpoint) return keepUp(loop, read, due);
  return validation?.isOver() !== true;
}

function isCheckpointDue({ session, state, checkpointed }: Loop): boolean {
  const { checkpointInterval } = session.settings;
  return "steps" in checkpointInterval
    ? state.steps % checkpointInterval.steps === 0
    : performance.now() - checkpointed.at >= checkpointInterval.seconds * 1000;
}

async function keepUp(
  loop: Loop,
  read: () => Promise<EngineState>,
  due: { validation: boolean; snapshot: boolean; checkpoint: boolean },
): Promise<boolean> {
  const { state, validation, snapshots, session } = loop;
  const current = await read();
  if (due.snapshot) snapshots?.write(state.steps, current.weights);
  if (due.validation) {
    const network = withParameters(session.network, current.weights);
    await validation?.measure(network, current.weights);
  }
  if (due.checkpoint) await checkpoint(loop, current);
  return validation?.isOver() !== true;
}

/**
 * Writes a checkpoint of the last step, unless there is one.
 *
 * @throws a failure where a weight is not finite: training has diverged
 */
export async function checkpoint(loop: Loop, engine: EngineState): Promise<void> {
  const { session, state } = loop;
  if (loop.checkpointed.step === state.steps) return;
  const network = withParameters(session.network, engine.weights);
  checkFinite(loop, network);
  const { out, keep } = session.settings;
  await writeCheckpoint(
    path.join(out, RUN_FILES.checkpoints),
    {
      engine,
      network,
      loader: state.loader,
      steps: state.steps,
      epochs: state.epochs,
      rows: state.rows,
      historyBytes: loop.journal.sync(),
      loss: loop.loss,
      seconds: loop.elapsed(),
      waitedSeconds: state.waitedSeconds,
      validation: loop.validation?.state ?? { measures: [], best: undefined },
    },
    keep,
  );
  loop.checkpointed = { at: performance.now(), step: state.steps };
}

/** Throws a failure where a weight is not finite. */
export function checkFinite(loop: Loop, network: Network): void {
  if (!isFiniteNetwork(network)) {
    throw divergence(loop, `a weight is not finite after step ${loop.state.steps}`);
  }
}

function divergence(loop: Loop, what: string): VadiError {
  loop.diverged = true;
  const { session, state, checkpointed } = loop;
  return divergenceError(session.settings, state.steps, checkpointed.step, what);
}

/** Calls the caller's `onProgress`. */
export function reportProgress({ session, state, loss, validation }: Loop, rows: number): void {
  const { training, settings, options } = session;
  const rSquared = validation?.state.measures.at(-1)?.rSquared ?? null;
  const latest = { ...(loss !== null && { loss }), ...(rSquared !== null && { rSquared }) };
  options.onProgress?.(
    isStepOptimizer(settings.optimizer)
      ? {
          phase: "training",
          done: state.steps,
          total: settings.steps,
          unit: "steps",
          rows,
          ...latest,
        }
      : {
          phase: "training",
          done: rows,
          total: settings.epochs * training.rows,
          unit: "rows",
          ...latest,
        },
  );
}
