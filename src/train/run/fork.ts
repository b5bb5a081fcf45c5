import path from "node:path";
import { failure, usageError } from "../../common/errors.js";
import { loadModel, type Network } from "../../model/index.js";
import type { Standardization } from "../../stream/index.js";
import { modelOptions } from "../../model/options.js";
import type { ForkRecord, Run, RunRecord, TrainOptions } from "../types.js";
import { openRun } from "./open-run.js";
import { checkSnapshot, snapshotSteps } from "./path-snapshots.js";
import { RUN_FILES } from "./run-folder.js";
import { exists } from "../../files/folders.js";

/** What a run takes over from the run that it starts from. */
export interface Fork {
  /** As in run.json. */
  from: ForkRecord;
  network: Network;
  /** The parent's options, and those given now. */
  options: TrainOptions;
  /** By what the parent's rows are standardised: its weights are for such rows. */
  standardize: Standardization | null;
}

/** Options that follow from the length of a run. */
const OWN: ReadonlySet<string> = new Set(["logEvery"]);

/**
 * Reads the weights of `RUN` or `RUN@STEP` for a run that starts from them. Those of the last step are the run's own.
 *
 * @throws a usage error for options that contradict the parent; a failure where it has no weights of that step, which
 *   names the nearest steps
 */
export async function openFork(given: TrainOptions & { from: string }): Promise<Fork> {
  const { dir, step } = parseFork(given.from);
  const parent = await openRun(dir);
  const { record } = parent;
  if (path.resolve(given.out) === parent.dir) {
    throw usageError(
      (option) =>
        `${option("out")} is the run that ${option("from")} names; write the new run to another folder.`,
    );
  }
  for (const name of [...Object.keys(modelOptions), "standardize"]) {
    const value: unknown = { ...given }[name];
    if (value === undefined || (name === "standardize" && value === record.options.standardize)) {
      continue;
    }
    throw usageError(
      (option) => `${option(name)} is that of the run which ${option("from")} names; leave it out.`,
    );
  }
  const last = record.result?.steps ?? NaN;
  if (step === undefined && Number.isNaN(last)) {
    throw failure(
      (option) => `The run ${dir} has not ended; name a step in ${option("from")}: ${dir}@STEP.`,
    );
  }
  const own = Object.entries(record.options).filter(
    ([name, value]) => value !== null && !(name in modelOptions) && !OWN.has(name),
  );
  return {
    from: { run: parent.dir, step: step ?? last },
    network:
      step === last || step === undefined ? await parent.weights() : await snapshot(parent, step),
    options: { ...(Object.fromEntries(own) as Partial<TrainOptions>), ...defined(given) },
    standardize: record.standardize,
  };
}

/** Refuses to resume a run that started elsewhere than is said now. */
export function checkFork({ from }: RunRecord, given: TrainOptions): void {
  if (given.from === undefined) return;
  const { dir, step } = parseFork(given.from);
  if (from?.run === dir && (step === undefined || step === from.step)) return;
  const was = from === undefined ? "from initial weights" : `from ${from.run}@${from.step}`;
  throw usageError(
    (option) => `The run ${given.out} started ${was}; leave out ${option("from")} to continue it.`,
  );
}

/** `RUN` or `RUN@STEP`; a folder may have an @ in its own name. */
function parseFork(text: string): { dir: string; step: number | undefined } {
  const found = /^(.+)@(\d{1,15})$/s.exec(text);
  if (found === null || exists(text)) return { dir: path.resolve(text), step: undefined };
  return { dir: path.resolve(found[1]!), step: Number(found[2]) };
}

/** The weights of a step. */
async function snapshot(parent: Run, step: number): Promise<Network> {
  const { dir } = parent;
  const folder = path.join(dir, RUN_FILES.path);
  const steps = await snapshotSteps(parent);
  if (steps.includes(step)) {
    await checkSnapshot(path.join(folder, `step-${step}`));
    return loadModel(path.join(folder, `step-${step}`));
  }
  const nearest = [steps.findLast((one) => one < step), steps.find((one) => one > step)].filter(
    (one) => one !== undefined,
  );
  throw failure((option) =>
    nearest.length === 0
      ? `The run ${dir} has no snapshots of its path; leave out @${step} in ${option("from")} to start from its last weights.`
      : `The run ${dir} has no snapshot of step ${step}, since it keeps at most 256; the nearest ${nearest.length === 1 ? "is of step" : "are of steps"} ${nearest.join(" and ")}: choose one in ${option("from")}.`,
  );
}

/** The options that have a value. */
function defined(given: TrainOptions): TrainOptions {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as TrainOptions;
}
