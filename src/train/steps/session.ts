import path from "node:path";
import { interruption, VadiError } from "../../common/errors.js";
import { isFiniteNetwork, withParameters } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { samplePredictions } from "../evaluation/sample-predictions.js";
import { foldingError } from "../run/fold-standardization-error.js";
import { readHistoryJournal, writeHistoryTable } from "../run/history.js";
import { writePredictionSample } from "../run/prediction-sample.js";
import { resumeCommand } from "../run/resume.js";
import { RUN_FILES, saveModels, writeLastRecord } from "../run/run-folder.js";
import type { TrainingSettings } from "../resolve-options.js";
import type { RunResult } from "../types.js";
import { closedForm } from "./closed-form.js";
import { gradientDescent } from "./gradient-descent.js";
import type { Optimizer } from "./job.js";
import { checkFinite, checkpoint, jobOf, reportProgress, startLoop } from "./loop.js";
import type { Loop, Session } from "./loop.js";
import { trainByMinibatches } from "./minibatches.js";
import { isLinear } from "./starting-model.js";

/**
 * Runs the optimiser. However it ends, the run's folder then holds the model, the history and the
 * record of what was done.
 */
export async function runOptimizer(session: Session): Promise<void> {
  session.options.onStart?.(session.record);
  const loop = await startLoop(session);
  const problem = await runSteps(loop);
  try {
    await finish(loop, problem);
  } catch (error) {
    // What ended the training matters more than a failure to write its results.
    throw problem ?? error;
  }
  if (isInterruption(problem)) throw interruptionAt(loop);
  if (problem !== undefined) throw problem;
}

/**
 * Takes all steps, and writes a checkpoint of the last one.
 *
 * @returns the error that ended the training; undefined where it is done
 */
async function runSteps(loop: Loop): Promise<unknown> {
  const { state, validation, session } = loop;
  let problem: unknown;
  try {
    if (state.epochs < session.settings.epochs && validation?.isOver() !== true) {
      await optimizerOf(session.settings)(jobOf(loop));
    }
    checkFinite(loop, state.network);
    reportProgress(loop, state.rows);
  } catch (error) {
    problem = error;
  }
  const isValid = problem === undefined || isInterruption(problem);
  if (state.engine !== undefined && state.steps > 0 && isValid) {
    try {
      await checkpoint(loop, state.engine);
    } catch (error) {
      problem = error;
    }
  }
  return problem;
}

function optimizerOf({ optimizer }: TrainingSettings): Optimizer {
  if (optimizer === "closed-form") return closedForm;
  return optimizer === "gradient-descent" ? gradientDescent : trainByMinibatches;
}

/** Writes the model, the history and the record. */
async function finish(loop: Loop, problem: unknown): Promise<void> {
  const { session, state, journal, validation, diverged } = loop;
  const { training, settings, record } = session;
  const { out } = settings;
  // With patience, the weights that did best on the validation rows are the run's.
  if (problem === undefined && validation?.state.best !== undefined) {
    state.network = withParameters(session.network, validation.state.best);
  }
  const result = resultOf(loop);
  journal.close();
  const folded = await saveModels(out, state.network, record.standardize);
  if (record.standardize !== null && isFiniteNetwork(state.network)) {
    const folding = await foldingError(state.network, folded, record.standardize, training);
    if (folding !== undefined) result.folding = folding;
  }
  const isSampled = validation !== undefined || record.dataset.columns !== undefined;
  if (problem === undefined && settings.epochs > 0 && isSampled) {
    const sample = await samplePredictions(
      state.network,
      session.validation ?? training,
      record.standardize,
    );
    await writePredictionSample(path.join(out, RUN_FILES.predictions), sample);
  }
  const rows = await readHistoryJournal(path.join(out, RUN_FILES.journal));
  await writeHistoryTable(path.join(out, RUN_FILES.history), rows);
  const status = problem === undefined ? "done" : diverged ? "diverged" : "stopped";
  await writeLastRecord(out, { ...record, status, result });
}

function resultOf({ state, loss, validation, elapsed }: Loop): RunResult {
  const seconds = elapsed();
  const validated = validation?.result();
  return {
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
}

/** The weights of a linear model, for run.json. */
function linearWeights(network: Network): Pick<RunResult, "weights" | "bias"> {
  if (!isLinear(network) || !isFiniteNetwork(network)) return {};
  const [{ weights, bias } = { weights: [], bias: undefined }] = network;
  return { weights: [...weights], ...(bias === undefined ? {} : { bias: bias[0]! }) };
}

function isInterruption(problem: unknown): boolean {
  return problem instanceof VadiError && problem.kind === "interrupted";
}

function interruptionAt({ session, state }: Loop): VadiError {
  const { record, settings } = session;
  return interruption(
    (option) =>
      `Training was interrupted after step ${state.steps} of ${settings.steps}; ${
        state.steps === 0
          ? `the same command with ${option("force")} starts it again`
          : `resume it with ${resumeCommand(record, settings.out)}`
      }.`,
  );
}
