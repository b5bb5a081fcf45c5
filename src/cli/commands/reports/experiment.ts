import path from "node:path";
import { quote } from "../../../common/text/quote.js";
import { usageError } from "../../../common/errors.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { camelCase, flag, optional, text, type Options } from "../../parse/options.js";
import { facts, shownPath } from "../../terminal/output.js";
import { suggest } from "../../parse/suggest.js";
import { dataOptions } from "../data/generate.js";
import { lineOptions } from "./landscape.js";
import { trainingOptions } from "../models/train.js";

/** Options of the steps that an experiment is made of; their defaults are the experiment's own. */
function stepOptions(): Options {
  const merged: Options = {};
  for (const [name, option] of Object.entries({
    ...dataOptions,
    ...trainingOptions,
    ...lineOptions,
  })) {
    merged[name] = {
      ...option,
      describe: name === "seed" ? "Seed of the data, the weights and the line" : option.describe,
      defaultText: option.isSwitch ? "" : "the experiment's",
      fallback: () => undefined,
    };
  }
  return merged;
}

/** A list of batches as it is written. */
function plain(value: unknown): string | number | boolean {
  if (Array.isArray(value)) return `${value.join(",")}${value.length === 1 ? "," : ""}`;
  return value as string | number | boolean;
}

/** The options of the steps that were given, by the names that the library has for them. */
function overridesOf(
  values: Record<string, unknown>,
  given: ReadonlySet<string>,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.keys(stepOptions())
      .filter((name) => given.has(name))
      .map((name) => [camelCase(name), plain(values[name])]),
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

export const experimentCommand: Command = defineCommand({
  name: "experiment",
  describe: "Run a named experiment that ends in a report; without a name, list them",
  positionals: { name: optional(text, "Name of the experiment; none lists them all") },
  options: {
    out: optional(text, "Folder to write the experiment to", "experiments/NAME"),
    quick: flag("Fewer epochs; the report says so"),
    ...stepOptions(),
  },
  examples: [
    { command: "vadi experiment", describe: "Which are there?" },
    { command: "vadi experiment sgd --quick", describe: "A first look at SGD" },
    {
      command: "vadi experiment batches-overlaid --scale 0.5",
      describe: "One option other than the notebook's",
    },
  ],
  async run(values, { signal, onProgress, note, given }) {
    const { experiments, runExperiment } = await import("../../../experiments/index.js");
    const all: Listed[] = Object.values(experiments).map(
      ({ name: one, title, describe, defaults }) => {
        return { name: one, title, description: describe(defaults) };
      },
    );
    const { name } = values;
    if (name === undefined) return listOf(all);
    const names = all.map((one) => one.name);
    if (!names.includes(name)) {
      const near = suggest(name, names);
      const hint = near === undefined ? "vadi experiment lists them" : `did you mean ${near}`;
      throw usageError(
        `There is no experiment ${quote(name)}: ${hint}${near === undefined ? "." : "?"}`,
      );
    }
    const { out, report, results } = await runExperiment(name, {
      out: values.out ?? `experiments/${name}`,
      quick: values.quick,
      overrides: overridesOf(values, given),
      signal,
      onProgress,
      onNote: note,
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
