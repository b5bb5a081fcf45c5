import path from "node:path";
import { quote } from "../../../common/text/quote.js";
import { usageError } from "../../../common/errors.js";
import { text } from "../../../common/options/kinds.js";
import { flag, optional, type Options } from "../../../common/options/options.js";
import { languageOptions } from "../../../language/options.js";
import type { CourseResult, OptionValue } from "../../../experiments/index.js";
import { STEP_OPTIONS } from "../../../experiments/options.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { facts, shownPath } from "../../terminal/output.js";
import { suggest } from "../../parse/suggest.js";

/** Options of the steps that an experiment is made of; their defaults are the experiment's own. */
const stepOptions: Options = Object.fromEntries(
  Object.entries(STEP_OPTIONS).map(([name, option]) => [
    name,
    {
      ...option,
      default: undefined,
      help: name === "seed" ? "Seed of the data, the weights and the line" : option.help,
      defaultText: option.kind.isSwitch === true ? "" : "the experiment's",
    },
  ]),
);

/** The options of the steps that were given, as text where they are lists. */
function overridesOf(values: Readonly<Record<string, unknown>>): Record<string, OptionValue> {
  return Object.fromEntries(
    Object.entries(stepOptions)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, { kind }]) => {
        const value = values[name];
        return [name, typeof value === "object" ? kind.print(value) : (value as OptionValue)];
      }),
  );
}

interface Listed {
  name: string;
  title: string;
  description: string;
}

function listOf(all: readonly Listed[]): CommandResult {
  return {
    json: {
      experiments: [...all],
    },
    text: ["Experiments", ...facts(all.map(({ name, title }) => [name, title]))],
    next: "Run one with vadi experiment NAME; --quick shortens it.",
  };
}

function courseResult({ out, index, lessons }: CourseResult): CommandResult {
  return {
    json: { out, index, lessons },
    text: [
      `Finished the course: ${shownPath(out)}`,
      ...facts([
        ["lessons", String(lessons.length)],
        ["contents", shownPath(index)],
      ]),
    ],
    next: `Next: open ${shownPath(index)} in a browser`,
  };
}

export const experimentCommand: Command = defineCommand({
  name: "experiment",
  describe: "Run an experiment that ends in a report, or list them",
  positionals: { name: optional(text, "Name of the experiment, or all; none lists them") },
  options: {
    out: optional(text, "Folder to write the experiment to", "experiments/NAME; all: course"),
    quick: flag("Fewer epochs; the report says so"),
    resume: flag("With all: keep the lessons that are complete and have the same options"),
    ...languageOptions,
    ...stepOptions,
  },
  examples: [
    { command: "vadi experiment", describe: "Which are there?" },
    { command: "vadi experiment sgd --quick", describe: "A first look at SGD" },
    { command: "vadi experiment all --quick", describe: "The course: every experiment, in order" },
    {
      command: "vadi experiment batches-overlaid --scale 0.5",
      describe: "One option other than the notebook's",
    },
  ],
  async run(values, { signal, onProgress, note }) {
    const { experiments, runCourse, runExperiment } = await import("../../../experiments/index.js");
    const { languageOf } = await import("../../../language/index.js");
    const english = languageOf("en");
    const all: Listed[] = Object.values(experiments).map(
      ({ name: one, title, describe, defaults }) => {
        return { name: one, title, description: describe(defaults, english) };
      },
    );
    const { name } = values;
    if (name === undefined) return listOf(all);
    const how = {
      quick: values.quick,
      language: values.language,
      overrides: overridesOf(values),
      signal,
      onProgress,
      onNote: note,
    };
    if (name === "all") {
      const out = values.out ?? "course";
      return courseResult(await runCourse({ ...how, out, resume: values.resume }));
    }
    if (values.resume === true)
      throw usageError((option) => `${option("resume")} goes with vadi experiment all.`);
    const names = all.map((one) => one.name);
    if (!names.includes(name)) {
      const near = suggest(name, names);
      const hint = near === undefined ? "vadi experiment lists them" : `did you mean ${near}`;
      throw usageError(
        `There is no experiment ${quote(name)}: ${hint}${near === undefined ? "." : "?"}`,
      );
    }
    const { out, report, results } = await runExperiment(name, {
      ...how,
      out: values.out ?? `experiments/${name}`,
    });
    return {
      json: { ...results, out, report },
      text: [
        `Finished the experiment ${name}: ${shownPath(out)}`,
        ...facts([
          ["results", shownPath(path.join(out, "results.json"))],
          ["report", shownPath(report)],
        ]),
      ],
      next: `Next: open ${shownPath(report)} in a browser`,
    };
  },
});
