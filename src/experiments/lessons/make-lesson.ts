import { optionFlag, shellWord } from "../../common/command-line.js";
import type { Language } from "../../language/index.js";
import type { Lesson, Neighbour } from "../../report/index.js";
import type { OptionValue } from "../types.js";
import { lessonNames, PLANS } from "./course.js";
import { valueAt, type LessonName, type LessonNumber, type Results, type Try } from "./lesson.js";

/** Whether an experiment is a lesson; the demo is none. */
export function isLesson(name: string): name is LessonName {
  return Object.hasOwn(PLANS, name);
}

/** The title of a lesson in a language. */
export function lessonTitle({ texts }: Language, name: LessonName): string {
  return texts.course.lessons[name].title;
}

/** How the experiment was run; commands to try are run in the same way. */
interface HowRun {
  quick: boolean;
  overrides: Readonly<Record<string, OptionValue>>;
  /** The folder of the course that the lesson is part of, absolute. */
  course?: string;
}

/** The lesson of an experiment that has been run, with its numbers. */
export function lessonOf(
  language: Language,
  name: LessonName,
  results: Results,
  how: HowRun,
): Lesson {
  const words = language.texts.course.lessons[name];
  const { formula, numbers, tries } = PLANS[name];
  const place = lessonNames.indexOf(name);
  const [previous, next] = [lessonNames[place - 1], lessonNames[place + 1]];
  return {
    number: place + 1,
    count: lessonNames.length,
    question: words.question,
    method: words.method,
    formula,
    look: words.look,
    numbers: numbersOf(language, numbers, words.numbers, results),
    tries: tries.map((one, index) => ({
      command: commandOf(name, one, index, language, how),
      text: words.tries[index] ?? "",
    })),
    ...(previous !== undefined && { previous: neighbour(language, previous) }),
    ...(next !== undefined && { next: neighbour(language, next) }),
    ...(how.course !== undefined && { course: how.course }),
  };
}

function neighbour(language: Language, name: LessonName): Neighbour {
  return { name, title: lessonTitle(language, name) };
}

/** The numbers with their names. Those that the run does not have are left out. */
function numbersOf(
  language: Language,
  numbers: Readonly<Record<string, LessonNumber>>,
  names: Readonly<Record<string, string>>,
  results: Results,
): Lesson["numbers"] {
  return Object.entries(numbers).flatMap(([key, where]) => {
    const value = typeof where === "string" ? valueAt(results, where) : where(results, language);
    const text =
      typeof value === "number" && Number.isFinite(value)
        ? language.number(value, Number.isInteger(value) ? 6 : 3)
        : typeof value === "string"
          ? value
          : undefined;
    return text === undefined ? [] : [{ name: names[key] ?? key, value: text }];
  });
}

/** The command line of something to try, into a folder of its own: `vadi experiment sgd --quick … --out try/sgd-1`. */
function commandOf(
  lesson: LessonName,
  { name = lesson, options }: Try,
  index: number,
  { code }: Language,
  { quick, overrides }: HowRun,
): string {
  const given = { ...(name === lesson ? overrides : {}), ...options };
  return [
    `vadi experiment ${name}`,
    ...(quick ? ["--quick"] : []),
    ...(code === "en" ? [] : [`--language ${code}`]),
    ...Object.entries(given).map(([option, value]) =>
      value === true ? optionFlag(option) : `${optionFlag(option)} ${shellWord(String(value))}`,
    ),
    `--out try/${lesson}-${index + 1}`,
  ].join(" ");
}
