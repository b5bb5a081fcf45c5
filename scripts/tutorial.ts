import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { failure } from "../src/common/errors.js";
import { optionFlag } from "../src/common/command-line.js";
import { formatCount } from "../src/common/text/numbers.js";
import { experiments } from "../src/experiments/index.js";
import { COURSE, lessonNames, lessonOf } from "../src/experiments/lessons/index.js";
import type { LessonName } from "../src/experiments/lessons/index.js";
import { languageOf } from "../src/language/index.js";

/*
 * docs/tutorial.md: the lessons of the course, without the numbers of a run. Titles, questions and hints are those of
 * `vadi experiment all`, meanings of terms those of the glossary.
 */

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

/** Where the tutorial is. */
export const TUTORIAL: string = path.join(DOCS, "tutorial.md");

/** The terms of the glossary that a lesson is the first to need. */
const TERMS: Partial<Record<LessonName, readonly string[]>> = {
  "lsm-data": ["row", "dataset", "shard", "experiment"],
  "gradient-descent": ["step", "run", "history"],
  "slice-random": ["landscape", "slice"],
  "slice-optimum": ["centre", "direction", "point"],
  sgd: ["batch", "epoch", "shuffle"],
  "sgd-large": ["window", "prefetch"],
  "batches-overlaid": ["curve", "summary"],
  "two-layer-sigmoid-data": ["maxima"],
  mlp: ["network", "checkpoint"],
  "mlp-batches-overlaid": ["segment"],
  device: ["backend", "engine"],
  "non-convexity": ["kink", "curvature", "residual"],
};

/** The page that goes on where a lesson ends. */
const PAGES: Partial<Record<LessonName, readonly [title: string, page: string]>> = {
  "lsm-data": ["Datasets", "datasets.md"],
  "closed-form": ["Training", "training.md#optimisers"],
  "slice-optimum": ["Landscapes", "landscapes.md"],
  "sgd-large": ["Shuffling", "shuffling.md"],
  "hundred-million": ["100 million rows", "how-to/100-million-rows.md"],
  optimisers: ["Training", "training.md#optimisers"],
  device: ["Backends", "backends.md"],
  "non-convexity": ["Curvature", "curvature.md"],
};

/** Options with which an experiment takes less than a second, for the test that runs the page. */
const SMALL = { rows: 1000, epochs: 1, batchSize: 500, batches: 2 } as const;

const INTRODUCTION = `
# Tutorial

This page walks through the ${lessonNames.length} experiments of vadi in order, from ten thousand rows and a straight line to a
network whose loss is not convex. Each step is a command, a report to open, and what to look for in it. It takes about
an hour.

## Before you begin

Install vadi as the [README](../README.md#start) says; Node is all that it needs. Run the commands of this page in one folder:
the clone's, or that of a project in which vadi is installed. Make sure that vadi runs there:

\`\`\`sh
npx vadi --version
\`\`\`

An experiment makes the folder \`experiments/NAME\`, with its data, its trained models, \`results.json\` and
\`report.html\`. The report is one file, which any browser opens without a network.

The experiments come from a notebook on optimisation, and their defaults are its numbers. Most commands below have
\`--quick\`, which trains for less time; the report says what it changed. They take a few seconds each, the last one a
minute. \`npx vadi experiment NAME --help\` lists the options that you can change.

To have all reports at once, with a first page that links them, run this instead of the single commands. It takes some
minutes:

\`\`\`sh
npx vadi experiment all --quick --out course
\`\`\`

Terms have the meaning that the [glossary](glossary.md) gives them.
`;

const END = `
## Where to go from here

- [Your own table](how-to/my-own-table.md): the same pipeline on a file of yours.
- [Curvature](curvature.md): what the last experiment proves, for any run.
- All how-to pages: [100 million rows](how-to/100-million-rows.md), [resume after a crash](how-to/resume.md),
  [a custom model](how-to/custom-model.md), [a GPU](how-to/gpu.md), [several machines](how-to/several-machines.md),
  [figures for slides](how-to/figures.md), [from PyTorch and back](how-to/pytorch.md).
`;

/** The text of docs/tutorial.md. */
export async function tutorial(): Promise<string> {
  const { parts } = languageOf("en").texts.course;
  const meanings = await glossary();
  const sections = COURSE.flatMap(({ part, lessons }) => [
    `## ${parts[part]}`,
    ...lessons.map((name) => lessonSection(name, meanings)),
  ]);
  return (
    [
      "<!-- Made by `npm run tutorial`. -->",
      ...inTheTest("npx vadi experiment all --quick"),
      INTRODUCTION,
      ...sections,
      END,
    ]
      .map((section) => section.trim())
      .join("\n\n") + "\n"
  );
}

/** A comment with what test/docs runs instead of a command: the same with less data. */
function inTheTest(command: string, has: Readonly<Record<string, unknown>> = SMALL): string[] {
  const words = Object.entries(SMALL)
    .filter(([option]) => Object.hasOwn(has, option))
    // Without smaller batches there are not two.
    .filter(([option]) => option !== "batches" || Object.hasOwn(has, "batchSize"))
    .map(([option, value]) => ` ${optionFlag(option)} ${value}`);
  return words.length === 0
    ? []
    : [`<!-- in the test: ${command} = ${command}${words.join("")} -->`];
}

function lessonSection(name: LessonName, meanings: ReadonlyMap<string, string>): string {
  const language = languageOf("en");
  const words = language.texts.course.lessons[name];
  const quick = Object.entries(experiments[name]?.quick ?? {});
  const options = quick.length > 0 ? " --quick" : "";
  const { number, tries, formula } = lessonOf(
    language,
    name,
    {},
    {
      quick: quick.length > 0,
      overrides: {},
    },
  );
  const numbers: readonly string[] = Object.values(words.numbers);
  const page = PAGES[name];
  return [
    `### ${number}. ${words.title}`,
    `**${words.question}**`,
    words.method,
    `\`\`\`math\n${formula}\n\`\`\``,
    ...inTheTest(`npx vadi experiment ${name}${options}`, experiments[name]?.defaults),
    `\`\`\`sh\nnpx vadi experiment ${name}${options}\n\`\`\``,
    `Open \`experiments/${name}/report.html\`. ${words.look}`,
    `The report lists these numbers: ${numbers.join("; ")}.${quickSentence(name, quick)}`,
    "Try next:",
    tries.map(({ text, command }) => `- ${text}\n  \`npx ${command}\``).join("\n"),
    ...((TERMS[name] ?? []).length > 0
      ? [
          "New terms:",
          (TERMS[name] ?? []).map((term) => `- _${term}_: ${meaningOf(meanings, term)}`).join("\n"),
        ]
      : []),
    ...(page === undefined ? [] : [`More: [${page[0]}](${page[1]}).`]),
  ].join("\n\n");
}

function quickSentence(name: LessonName, quick: readonly (readonly [string, unknown])[]): string {
  if (quick.length === 0) return "";
  const changes = quick.map(
    ([option, value]) =>
      `\`${optionFlag(option)} ${shown(value)}\` instead of ${shown(experiments[name]?.defaults[option])}`,
  );
  return ` Here \`--quick\` is ${changes.join(", ")}.`;
}

function shown(value: unknown): string {
  return typeof value === "number" && value >= 1 ? formatCount(value) : String(value);
}

/** The meanings of the glossary's terms. */
async function glossary(): Promise<Map<string, string>> {
  const text = await readFile(path.join(DOCS, "glossary.md"), "utf8");
  const rows = [...text.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)];
  return new Map(
    rows.flatMap(([, terms = "", meaning = ""]) =>
      terms.split(", ").map((term) => [term, meaning] as const),
    ),
  );
}

function meaningOf(meanings: ReadonlyMap<string, string>, term: string): string {
  const meaning = meanings.get(term);
  if (meaning === undefined) throw failure(`docs/glossary.md has no term '${term}'.`);
  return meaning;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(TUTORIAL, await tutorial());
  process.stdout.write("docs/tutorial.md\n");
}
