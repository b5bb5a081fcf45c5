import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { optionFlag, shellWord } from "../common/command-line.js";
import { throwIfAborted, usageError } from "../common/errors.js";
import { isFile } from "../files/folders.js";
import { writeFileAtomic } from "../files/atomic.js";
import { inOutputFolder, type OutputKind } from "../files/output-folder.js";
import { languageOf, type LanguageCode } from "../language/index.js";
import { writeCourse } from "../report/index.js";
import { allowedOptions, effectiveOptions } from "./context.js";
import { COURSE, lessonNames, PLANS, type LessonName } from "./lessons/index.js";
import { experiments, runLesson } from "./run.js";
import type { Experiment, ExperimentOptions, OptionValue } from "./types.js";
import { outputPath } from "../files/output-path.js";

/** Where a course is written, and what its lessons change. */
export interface CourseOptions extends Omit<ExperimentOptions, "overrides"> {
  /** The folder of the course; each lesson is a folder in it. */
  out: string;
  /** Keep the lessons that are complete and were made with the same options. Default: all are made again. */
  resume?: boolean;
  /** Options of the steps, by their names in camel case; each is for the lessons that have it. */
  overrides?: Readonly<Record<string, OptionValue>>;
}

/** Where a course is. */
export interface CourseResult {
  /** The folder, absolute. */
  out: string;
  /** The course's first page, absolute. */
  index: string;
  /** The lessons in order, with the time that each took when it was made. */
  lessons: { name: string; report: string; seconds: number }[];
}

const MARKER = ".course";

const COURSE_FOLDER: OutputKind = {
  name: "a course",
  marker: MARKER,
  isOwn: (name) => name === "index.html" || lessonNames.some((lesson) => lesson === name),
  replaced: "files",
  errorKind: "failed",
};

/**
 * Runs all experiments in order, each as a lesson in a folder of its own, and writes index.html, which links them.
 *
 * @throws a usage error for an option that no lesson has; otherwise as `runExperiment`
 */
export async function runCourse(options: CourseOptions): Promise<CourseResult> {
  if (options.out === "") throw usageError((option) => `${option("out")} must name a folder.`);
  const { overrides = {}, resume = false, signal, onNote, language = "en" } = options;
  checkOverrides(overrides);
  const out = outputPath(options.out);
  return inOutputFolder(out, COURSE_FOLDER, { force: true }, async () => {
    await writeFileAtomic(path.join(out, MARKER), "Made by vadi.\n");
    const lessons: CourseResult["lessons"] = [];
    for (const [index, name] of lessonNames.entries()) {
      throwIfAborted(signal);
      const place = `Lesson ${index + 1} of ${lessonNames.length}, ${name}`;
      const experiment = experiments[name]!;
      const own = { ...options, overrides: overridesFor(experiment, overrides) };
      const kept = resume ? await keptLesson(experiment, path.join(out, name), own) : undefined;
      onNote?.(kept === undefined ? `${place}.` : `${place}: kept, it is complete.`);
      lessons.push(kept ?? (await madeLesson(experiment, out, own)));
    }
    const index = await writeIndex(out, language, commandOf(options, out));
    return { out, index, lessons };
  });
}

async function madeLesson(
  experiment: Experiment,
  course: string,
  options: ExperimentOptions,
): Promise<CourseResult["lessons"][number]> {
  const { report, results } = await runLesson(experiment, course, options);
  return { name: experiment.name, report, seconds: Number(results["seconds"]) };
}

/** A lesson that is complete and was made with the same options; undefined if it has to be made. */
async function keptLesson(
  experiment: Experiment,
  folder: string,
  options: ExperimentOptions,
): Promise<CourseResult["lessons"][number] | undefined> {
  const report = path.join(folder, "report.html");
  // The report is written last.
  if (!(await isFile(report))) return undefined;
  let results: Record<string, unknown>;
  try {
    const text = await readFile(path.join(folder, "results.json"), "utf8");
    results = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { quick = false, language = "en" } = options;
  const made = [results["experiment"], results["quick"], results["language"], results["options"]];
  const wanted = [experiment.name, quick, language, effectiveOptions(experiment, options)];
  if (!isDeepStrictEqual(made, wanted)) return undefined;
  return { name: experiment.name, report, seconds: Number(results["seconds"]) };
}

function checkOverrides(overrides: Readonly<Record<string, OptionValue>>): void {
  const known = new Set(Object.values(experiments).flatMap((one) => [...allowedOptions(one)]));
  for (const name of Object.keys(overrides)) {
    if (!known.has(name)) {
      throw usageError((option) => `${option(name)} is not an option of any experiment.`);
    }
  }
}

/** Those of the options that an experiment has. */
function overridesFor(
  experiment: Experiment,
  overrides: Readonly<Record<string, OptionValue>>,
): Record<string, OptionValue> {
  const allowed = allowedOptions(experiment);
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => allowed.has(name)));
}

function writeIndex(out: string, language: LanguageCode, command: string): Promise<string> {
  const { course } = languageOf(language).texts;
  const cardOf = (name: LessonName) => {
    const { title, question } = course.lessons[name];
    const { figure } = PLANS[name];
    return { folder: path.join(out, name), title, question, ...(figure && { figure }) };
  };
  return writeCourse(out, {
    language,
    parts: COURSE.map(({ part, lessons }) => ({
      title: course.parts[part],
      lessons: lessons.map(cardOf),
    })),
    command,
  });
}

/** The command line that makes the course again. */
function commandOf({ quick, language = "en", overrides = {} }: CourseOptions, out: string): string {
  return [
    "vadi experiment all",
    ...(quick === true ? ["--quick"] : []),
    ...(language === "en" ? [] : [`--language ${language}`]),
    ...Object.entries(overrides).map(
      ([name, value]) => `${optionFlag(name)} ${shellWord(String(value))}`,
    ),
    `--out ${shellWord(out)}`,
  ].join(" ");
}
