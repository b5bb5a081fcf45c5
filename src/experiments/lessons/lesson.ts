import type { Language, Texts } from "../../language/index.js";
import type { OptionValue } from "../types.js";

/** The experiments that are lessons. */
export type LessonName = keyof Texts["course"]["lessons"];

/** The content of results.json. */
export type Results = Readonly<Record<string, unknown>>;

/** A number of a lesson: where it is in the results, `statistics.target.variance`, or how it is made of them. */
export type LessonNumber = string | ((results: Results, language: Language) => unknown);

/** A command to try: an experiment, the lesson's own by default, with options. */
export interface Try {
  name?: LessonName;
  options: Readonly<Record<string, OptionValue>>;
}

/** A lesson without its words. */
export interface LessonPlan<Name extends LessonName = LessonName> {
  /** In TeX. */
  formula: string;
  numbers: Readonly<Record<keyof Texts["course"]["lessons"][Name]["numbers"], LessonNumber>>;
  tries: readonly Try[];
  /** The figure that the course draws small. Default: the first. */
  figure?: string;
}

/** Lessons of one subject. */
export type Plans<Names extends LessonName> = { readonly [Name in Names]: LessonPlan<Name> };

/** The value at a path in the results; undefined where there is none. */
export function valueAt(results: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null
          ? (value as Record<string, unknown>)[key]
          : undefined,
      results,
    );
}

/** A number at a path in the results; NaN where there is none. */
export function numberAt(results: unknown, path: string): number {
  const value = valueAt(results, path);
  return typeof value === "number" ? value : NaN;
}

/** The numbers of a list in the results. */
export function numbersAt(results: unknown, path: string): number[] {
  const value = valueAt(results, path);
  return Array.isArray(value) ? value.filter((one) => typeof one === "number") : [];
}

/** The variance of the noise of linear data. */
export function noiseVariance(results: Results): number {
  return numberAt(results, "options.noise") ** 2;
}

/** The steps of a training in batches. */
export function stepsOf(results: Results): number {
  const [rows, batchSize, epochs] = ["rows", "batchSize", "epochs"].map((name) =>
    numberAt(results, `options.${name}`),
  ) as [number, number, number];
  return Math.ceil(rows / batchSize) * epochs;
}
