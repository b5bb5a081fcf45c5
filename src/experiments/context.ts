import path from "node:path";
import { isInterruption, isUnreadable, usageError, VadiError } from "../common/errors.js";
import { checkValue, pickOptions } from "../common/options/options.js";
import { landscape, type LandscapeOptions } from "../landscape/index.js";
import { languageOf } from "../language/index.js";
import { lineOptions } from "../landscape/options.js";
import {
  isDatasetOf,
  MANIFEST_FILE,
  openTable,
  removeJournal,
  verifyDataset,
  writeDataset,
  type GenerateSpec,
  type VerifyOptions,
} from "../storage/index.js";
import { openDataset } from "../stream/index.js";
import { train } from "../train/index.js";
import { OPTIONS_OF_STEPS, type Step } from "./options.js";
import type { DeclaredExperiment, ExperimentOptions, OptionValue, Context } from "./types.js";
import { exists } from "../files/folders.js";

/** The names of the options that an experiment has. */
export function allowedOptions({ steps, fixed = [] }: DeclaredExperiment): ReadonlySet<string> {
  return new Set(
    steps
      .flatMap((step) => Object.keys(OPTIONS_OF_STEPS[step]))
      .filter((name) => !fixed.includes(name)),
  );
}

/** The options that an experiment runs with: its own, what `quick` changes, what the caller overrides. */
export function effectiveOptions(
  experiment: DeclaredExperiment,
  options: ExperimentOptions,
): Record<string, OptionValue> {
  const allowed = allowedOptions(experiment);
  for (const name of Object.keys(options.overrides ?? {})) {
    if (!allowed.has(name)) {
      throw usageError(
        (option) => `${option(name)} is not an option of the experiment ${experiment.name}.`,
      );
    }
  }
  return {
    ...experiment.defaults,
    ...(options.quick === true ? experiment.quick : {}),
    ...options.overrides,
  };
}

/** The options of one kind of step. */
function optionsOf(step: Step, options: Readonly<Record<string, OptionValue>>): object {
  return pickOptions(OPTIONS_OF_STEPS[step], options);
}

/** The batches of a line; a list of them is text: `0,3,7`. */
function parseBatches(value: OptionValue | undefined): LandscapeOptions["batches"] {
  if (typeof value !== "string") return value as number | undefined;
  const { kind } = lineOptions.batches;
  return checkValue(kind, kind.parse(value, "batches"), (option) => option("batches"), value);
}

/** Whether a folder holds a complete and undamaged dataset of exactly this spec. */
async function holdsSame(
  out: string,
  wanted: GenerateSpec,
  hooks: VerifyOptions,
): Promise<boolean> {
  if (!exists(path.join(out, MANIFEST_FILE))) return false;
  try {
    if (!isDatasetOf(wanted, (await openTable(out)).manifest)) return false;
    return (await verifyDataset(out, hooks)).ok;
  } catch (error) {
    // What cannot be opened is made again.
    if (isInterruption(error) || isUnreadable(error) || !(error instanceof VadiError)) throw error;
    return false;
  }
}

/**
 * The batches of a line through a run. The experiment's own number of batches is the most that it
 * takes; a number that the caller gave must be there.
 */
function batchesOf(
  wanted: LandscapeOptions["batches"],
  isGiven: boolean,
  rows: number,
  batchSize: number,
): LandscapeOptions["batches"] {
  if (typeof wanted !== "number" || isGiven) return wanted;
  return Math.min(wanted, Math.ceil(rows / batchSize));
}

/** The context of an experiment in its folder. */
export function createContext(
  out: string,
  options: Readonly<Record<string, OptionValue>>,
  hooks: Pick<ExperimentOptions, "signal" | "onProgress" | "onNote" | "overrides" | "language">,
): Context {
  const { signal, onProgress, onNote, overrides = {}, language = "en" } = hooks;
  const common = { signal, onProgress };
  return {
    signal,
    onProgress,
    note: (sentence) => onNote?.(sentence),
    out,
    language: languageOf(language),
    options,
    number(name) {
      const value = options[name];
      if (typeof value !== "number") {
        throw usageError((option) => `${option(name)} must be a number.`);
      }
      return value;
    },
    async data(kind, name = kind, own = {}, fixed = {}) {
      const folder = path.join(out, "data", name);
      const spec: GenerateSpec = {
        kind,
        ...own,
        ...optionsOf("data", options),
        ...fixed,
        out: folder,
      };
      if (
        await holdsSame(folder, spec, {
          ...(signal && { signal }),
          ...(onProgress && { onProgress }),
        })
      ) {
        onNote?.(`Using the dataset that is already in ${folder}.`);
        // Left where the one who made it was killed at the very end.
        await removeJournal(folder);
        return openDataset(folder);
      }
      onNote?.(`Generating ${kind} data.`);
      const { warnings } = await writeDataset({ ...spec, force: true }, common);
      for (const warning of warnings) onNote?.(warning);
      return openDataset(folder);
    },
    async train(dataset, name, own = {}) {
      onNote?.(`Training the run ${name}.`);
      return train(dataset, {
        model: "linear",
        ...optionsOf("training", options),
        ...own,
        out: path.join(out, "runs", name),
        ...common,
      });
    },
    async line(run, dataset, name, own = {}) {
      onNote?.(`Computing the landscape ${name}.`);
      const batchSize = own.batchSize ?? options.batchSize ?? run.record.options.batchSize;
      const wanted = parseBatches(options.batches);
      const isGiven = overrides.batches !== undefined;
      return landscape(run, {
        dataset,
        ...optionsOf("line", options),
        batches: batchesOf(wanted, isGiven, dataset.rows, Number(batchSize)),
        ...own,
        out: path.join(out, "landscapes", name),
        ...common,
      });
    },
  };
}
