import path from "node:path";
import { failure, interruption, VadiError } from "../../common/errors.js";
import type { Dataset } from "../../stream/index.js";
import { writeCheckpoint } from "../run/checkpoint.js";
import type { Checkpoint } from "../run/checkpoint.js";
import { closedForm } from "./closed-form.js";
import type { EngineState } from "../engine/types.js";
import { foldingError } from "../run/folding-error.js";
import { gradientDescent } from "./gradient-descent.js";
import { openJournal, readJournal, writeHistoryTable } from "../run/history.js";
import type { Job, Optimizer, TrainingState } from "./job.js";
import { trainByMinibatches } from "./minibatches.js";
import { isFiniteNetwork, withParameters } from "../../model/index.js";
import { isStepOptimizer } from "../optimizers/index.js";
import type { Settings } from "../settings.js";
import { openPathSnapshots } from "../run/path-snapshots.js";
import { resumeCommand } from "../run/resume.js";
import { RUN_FILES, saveModels, writeRecord } from "../run/run-folder.js";
import { learningRateAt } from "../schedule.js";
import { isLinear } from "./starting-model.js";
import type { Network } from "../../model/index.js";
import type { RunRecord, RunResult, TrainOptions } from "../types.js";
import { createValidation } from "../apply/validation.js";

/** Shortest time between two reports of progress, in milliseconds. */
const REPORT_EVERY = 100;

/** What a training is made of, once its options are checked and its folder is taken. */
export interface Session {
  training: Dataset;
  validation: Dataset | undefined;
  options: TrainOptions;
  settings: Settings;
  network: Network;
  record: RunRecord;
  from: Checkpoint | undefined;
}

function optimizerOf({ optimizer }: Settings): Optimizer {
  if (optimizer === "closed-form") return closedForm;
  return optimizer === "gradient-descent" ? gradientDescent : trainByMinibatches;
}

/** Runs the optimiser and, however it ends, leaves the model, the history and the record of what was done. */
export async function runOptimizer(session: Session): Promise<void> {
  const { training, options, settings, network, record, from } = session;
  const { out, optimizer, epochs, steps, checkpointInterval } = settings;
  options.onStart?.(record);
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
  const elapsed = (): number => (performance.now() - started) / 1000;
  const validationState = from?.validation ?? { losses: [], best: undefined };
  const validation =
    session.validation === undefined
      ? undefined
      : createValidation(session.validation, settings, validationState, options.signal);
  const snapshots =
    optimizer === "closed-form"
      ? undefined
      : await openPathSnapshots(path.join(out, RUN_FILES.path), network, steps, state.steps);
  let loss: number | null = from?.loss ?? null;
  let diverged = false;
  let reported = performance.now();
  let kept = { at: performance.now(), step: from?.steps ?? -1 };

  function divergence(what: string): VadiError {
    diverged = true;
    const rate = learningRateAt(settings, Math.max(1, state.steps));
    const lower = Number((settings.learningRate / 10).toPrecision(3));
    const kind = kept.step > 0 ? ` The checkpoint of step ${kept.step} is kept.` : "";
    return failure(
      `Training diverged: ${what} with learning rate ${rate}; try a smaller one, for instance --learning-rate ${lower}${isStepOptimizer(optimizer) ? ", or --clip-norm 1" : ""}.${kind}`,
    );
  }

  async function keepCheckpoint(current: EngineState): Promise<void> {
    if (kept.step === state.steps) return;
    const weights = withParameters(network, current.weights);
    if (!isFiniteNetwork(weights)) {
      throw divergence(`a weight is not finite after step ${state.steps}`);
    }
    const checkpoint: Checkpoint = {
      engine: current,
      network: weights,
      loader: state.loader,
      steps: state.steps,
      epochs: state.epochs,
      rows: state.rows,
      historyBytes: journal.sync(),
      loss,
      seconds: elapsed(),
      waitedSeconds: state.waitedSeconds,
      validation: validationState,
    };
    await writeCheckpoint(path.join(out, RUN_FILES.checkpoints), checkpoint, settings.keep);
    kept = { at: performance.now(), step: state.steps };
  }

  const isCheckpointDue = (): boolean =>
    "steps" in checkpointInterval
      ? state.steps % checkpointInterval.steps === 0
      : performance.now() - kept.at >= checkpointInterval.seconds * 1000;

  /** What is due after a step, where something is. */
  async function keepUp(
    read: () => Promise<EngineState>,
    due: { measure: boolean; snapshot: boolean; checkpoint: boolean },
  ): Promise<boolean> {
    const current = await read();
    if (due.snapshot) snapshots?.write(state.steps, current.weights);
    if (due.measure && validation !== undefined) {
      await validation.measure(withParameters(network, current.weights), current.weights);
    }
    if (due.checkpoint) await keepCheckpoint(current);
    return validation?.isOver() !== true;
  }

  function progress(rows: number): void {
    const latest = loss === null ? {} : { loss };
    options.onProgress?.(
      isStepOptimizer(optimizer)
        ? { phase: "training", done: state.steps, total: steps, unit: "steps", rows, ...latest }
        : { phase: "training", done: rows, total: epochs * training.rows, unit: "rows", ...latest },
    );
  }

  const job: Job = {
    dataset: training,
    settings,
    state,
    backend: record.backend,
    from,
    signal: options.signal,
    isLogged: (step) => step === 1 || step === steps || step % settings.logEvery === 0,
    log(step, epoch, rows, measured) {
      if (!Number.isFinite(measured)) {
        loss = null;
        throw divergence(`the loss of step ${step} (epoch ${epoch}) is not finite`);
      }
      loss = measured;
      journal.write({
        step,
        epoch,
        rows,
        loss,
        learningRate:
          optimizer === "closed-form" ? settings.learningRate : learningRateAt(settings, step),
        seconds: elapsed(),
      });
    },
    stepped(read) {
      const measure = validation !== undefined && validationState.losses.length < state.epochs;
      const snapshot = snapshots?.isDue(state.steps) === true;
      const checkpoint = isCheckpointDue();
      if (!measure && !snapshot && !checkpoint) return validation?.isOver() !== true;
      return keepUp(read, { measure, snapshot, checkpoint });
    },
    report(rows) {
      const now = performance.now();
      if (now - reported < REPORT_EVERY) return;
      reported = now;
      progress(rows);
    },
  };

  let problem: unknown;
  try {
    if (state.epochs < epochs && validation?.isOver() !== true) await optimizerOf(settings)(job);
    if (!isFiniteNetwork(state.network)) {
      throw divergence(`a weight is not finite after step ${state.steps}`);
    }
    progress(state.rows);
  } catch (error) {
    problem = error;
  }
  const interrupted = problem instanceof VadiError && problem.kind === "interrupted";
  if (state.engine !== undefined && state.steps > 0 && (problem === undefined || interrupted)) {
    try {
      await keepCheckpoint(state.engine);
    } catch (error) {
      problem = error;
    }
  }
  // With patience, the weights that did best on the validation rows are the run's.
  if (problem === undefined && validationState.best !== undefined) {
    state.network = withParameters(network, validationState.best);
  }
  const seconds = elapsed();
  const validated = validation?.result();
  const result: RunResult = {
    steps: state.steps,
    epochs: state.epochs,
    rows: state.rows,
    loss,
    seconds,
    rowsPerSecond: seconds > 0 ? state.rows / seconds : 0,
    waitedForData: seconds > 0 ? Math.min(1, state.waitedSeconds / seconds) : 0,
    ...linearWeights(state.network),
    ...(validated === undefined ? {} : { validation: validated }),
  };
  try {
    journal.close();
    const folded = await saveModels(out, state.network, record.standardize);
    if (record.standardize !== null && isFiniteNetwork(state.network)) {
      const folding = await foldingError(state.network, folded, record.standardize, training);
      if (folding !== undefined) result.folding = folding;
    }
    const rows = await readJournal(path.join(out, RUN_FILES.journal));
    await writeHistoryTable(path.join(out, RUN_FILES.history), rows);
    const status = problem === undefined ? "done" : diverged ? "diverged" : "stopped";
    await writeRecord(out, { ...record, status, result });
  } catch (error) {
    // What ended the training says more than what its ending ran into.
    throw problem ?? error;
  }
  if (problem instanceof VadiError && problem.kind === "interrupted") {
    const again =
      state.steps === 0
        ? "the same command with --force starts it again"
        : `go on with ${resumeCommand(record, out)}`;
    throw interruption(`Training was interrupted after step ${state.steps} of ${steps}; ${again}.`);
  }
  if (problem !== undefined) throw problem;
}

/** The weights of a linear model, for run.json. */
function linearWeights(network: Network): Pick<RunResult, "weights" | "bias"> {
  if (!isLinear(network) || !isFiniteNetwork(network)) return {};
  const [{ weights, bias } = { weights: [], bias: undefined }] = network;
  return { weights: [...weights], ...(bias === undefined ? {} : { bias: bias[0]! }) };
}
