import path from "node:path";
import { optionFlag, shellWord } from "../common/command-line.js";
import { interruption, throwIfAborted, usageError, VadiError } from "../common/errors.js";
import { peakRssBytes } from "../common/process/memory.js";
import {
  report as writeReportOf,
  writeExperimentDocument,
  type ReportSection,
} from "../report/index.js";
import { writeFileAtomic } from "../files/atomic.js";
import { languageOf, type Language } from "../language/index.js";
import { createContext, effectiveOptions } from "./context.js";
import { demo } from "./catalogue/demo.js";
import { deviceExperiment } from "./catalogue/device.js";
import { inExperimentFolder } from "./folder.js";
import { hundredMillion } from "./catalogue/hundred-million.js";
import { isLesson, lessonNames, lessonOf, lessonTitle } from "./lessons/index.js";
import { linearData } from "./catalogue/linear-data.js";
import { linearExperiments } from "./catalogue/linear.js";
import { nonConvexity } from "./catalogue/non-convexity.js";
import { optimisers } from "./catalogue/optimisers.js";
import { paraboloidExperiments } from "./catalogue/paraboloid.js";
import { factTable } from "./sections.js";
import { sgdExperiments } from "./catalogue/sgd.js";
import { sigmoidData } from "./catalogue/sigmoid-data.js";
import { sigmoidExperiments } from "./catalogue/sigmoid.js";
import { sliceExperiments } from "./catalogue/slices.js";
import type {
  DeclaredExperiment,
  Experiment,
  ExperimentOptions,
  ExperimentResult,
  OptionValue,
  Outcome,
  Context,
} from "./types.js";
import { outputPath } from "../files/output-path.js";

const declared: readonly DeclaredExperiment[] = [
  linearData,
  ...linearExperiments,
  ...sgdExperiments,
  ...paraboloidExperiments,
  ...sliceExperiments,
  sigmoidData,
  ...sigmoidExperiments,
  hundredMillion,
  deviceExperiment,
  nonConvexity,
  optimisers,
];

/** The notebook's experiments by name, in its order. */
export const experiments: Readonly<Record<string, Experiment>> = Object.fromEntries(
  lessonNames.map((name) => {
    const one = declared.find((experiment) => experiment.name === name)!;
    return [name, { ...one, title: lessonTitle(languageOf("en"), name) }];
  }),
);

/** The notebook's experiments, in its order. */
export async function listExperiments(): Promise<Experiment[]> {
  return Object.values(experiments);
}

/**
 * Runs an experiment. Its folder gets datasets, runs, landscapes, results.json and report.html.
 *
 * @throws a usage error for an unknown name or an option that the experiment does not have; a failure where files cannot
 *   be read or written; an interruption once `signal` is aborted
 */
export async function runExperiment(
  name: string,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const experiment = Object.hasOwn(experiments, name) ? experiments[name] : undefined;
  if (experiment === undefined) {
    throw usageError(
      `There is no experiment '${name}'; choose one of ${Object.keys(experiments).join(", ")}.`,
    );
  }
  return runIn(experiment, options);
}

/**
 * Runs an experiment as a lesson of a course, in a folder beside those of the other lessons.
 *
 * @param course the folder of the course, absolute
 */
export async function runLesson(
  experiment: Experiment,
  course: string,
  options: Omit<ExperimentOptions, "out">,
): Promise<ExperimentResult> {
  return runIn(experiment, { ...options, out: path.join(course, experiment.name) }, course);
}

/** Runs the demo: both datasets, both models, slices, and a report. */
export async function runDemo(
  options: Omit<ExperimentOptions, "quick" | "overrides">,
): Promise<ExperimentResult> {
  return runIn(demo, options);
}

/** The command line that runs the experiment again. */
function commandOf(experiment: DeclaredExperiment, options: ExperimentOptions): string {
  const words = experiment === demo ? ["vadi demo"] : [`vadi experiment ${experiment.name}`];
  if (options.quick === true) words.push("--quick");
  const { language = "en" } = options;
  if (language !== "en") words.push(`--language ${language}`);
  for (const [name, value] of Object.entries(options.overrides ?? {})) {
    words.push(`${optionFlag(name)} ${shellWord(String(value))}`);
  }
  words.push(`--out ${shellWord(path.resolve(options.out))}`);
  return words.join(" ");
}

function settingsSection(
  { texts, number }: Language,
  command: string,
  settings: Readonly<Record<string, OptionValue>>,
): ReportSection {
  const rows = Object.entries(settings).map(([name, value]): [string, string | number] => [
    optionFlag(name),
    typeof value === "number" ? number(value) : String(value),
  ]);
  return {
    id: "experiment-settings",
    title: texts.experiments.settingsOf,
    part: texts.experiments.theExperiment,
    command,
    blocks:
      rows.length === 0
        ? []
        : [
            factTable(
              "experiment-settings",
              texts.experiments.settings,
              rows,
              texts.experiments.value,
            ),
          ],
  };
}

/** A sentence on the options that `quick` changed; undefined if it changed none. */
function quickNotice(
  { texts, number }: Language,
  experiment: DeclaredExperiment,
  options: ExperimentOptions,
  settings: Readonly<Record<string, OptionValue>>,
): string | undefined {
  if (options.quick !== true) return undefined;
  const changes = Object.keys(experiment.quick ?? {}).filter(
    (name) => settings[name] !== experiment.defaults[name],
  );
  if (changes.length === 0) return undefined;
  const shown = (value: OptionValue | undefined): string =>
    typeof value === "number" ? number(value) : String(value);
  return texts.experiments.quick(
    changes.map((name) =>
      texts.experiments.quickChange(name, shown(settings[name]), shown(experiment.defaults[name])),
    ),
  );
}

/** Runs the steps. An interrupted step suggests to resume it, which does not apply to experiments: the sentence is replaced. */
async function outcomeOf(experiment: DeclaredExperiment, context: Context): Promise<Outcome> {
  try {
    const outcome = await experiment.run(context);
    throwIfAborted(context.signal);
    return outcome;
  } catch (error) {
    if (error instanceof VadiError && error.kind === "interrupted") {
      throw interruption(
        `The ${experiment === demo ? "demo" : `experiment ${experiment.name}`} was interrupted; the same command starts it again with the complete datasets in ${context.out}.`,
      );
    }
    throw error;
  }
}

async function runIn(
  experiment: DeclaredExperiment,
  options: ExperimentOptions,
  course?: string,
): Promise<ExperimentResult> {
  if (options.out === "") throw usageError((option) => `${option("out")} must name a folder.`);
  const started = performance.now();
  const settings = effectiveOptions(experiment, options);
  const out = outputPath(options.out);
  return inExperimentFolder(out, () =>
    runPrepared(experiment, options, settings, { out, course }, started),
  );
}

/** Runs the steps and writes results.json and the report into a folder that this process has locked. */
async function runPrepared(
  experiment: DeclaredExperiment,
  options: ExperimentOptions,
  settings: Readonly<Record<string, OptionValue>>,
  { out, course }: { out: string; course: string | undefined },
  started: number,
): Promise<ExperimentResult> {
  const outcome = await outcomeOf(experiment, createContext(out, settings, options));
  const language = languageOf(options.language ?? "en");
  const notice = quickNotice(language, experiment, options, settings);
  const results = {
    formatVersion: 1,
    experiment: experiment.name,
    quick: options.quick ?? false,
    language: options.language ?? "en",
    options: settings,
    ...outcome.results,
    seconds: (performance.now() - started) / 1000,
    peakRssBytes: peakRssBytes(),
  };
  await writeFileAtomic(
    path.join(out, "results.json"),
    `${JSON.stringify(results, undefined, 2)}\n`,
  );
  const command = commandOf(experiment, options);
  const [first, ...others] = [...outcome.sections, settingsSection(language, command, settings)];
  if (first === undefined)
    throw new Error("An experiment has at least the section of its settings.");
  const { name } = experiment;
  const { quick = false, overrides = {} } = options;
  const how = { quick, overrides, ...(course !== undefined && { course }) };
  await writeExperimentDocument(out, {
    formatVersion: 1,
    name,
    title: isLesson(name) ? lessonTitle(language, name) : language.texts.experiments.demoTitle,
    ...(isLesson(name) && { lesson: lessonOf(language, name, results, how) }),
    ...(options.language !== undefined && { language: options.language }),
    sections: [notice === undefined ? first : { ...first, notice }, ...others],
  });
  const report = await writeReportOf([out], {
    out: path.join(out, "report.html"),
    subtitle: experiment.describe(settings, language),
    command,
    force: true,
  });
  return { out, report, results };
}
