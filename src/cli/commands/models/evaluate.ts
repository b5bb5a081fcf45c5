import { failure } from "../../../common/errors.js";
import { plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { backendOptions } from "../../../backend/options.js";
import { cacheOptions, tableOptions } from "../../../storage/options.js";
import type { Evaluation } from "../../../train/index.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { text } from "../../../common/options/kinds.js";
import { optional, pickOptions, required } from "../../../common/options/options.js";
import { facts } from "../../terminal/output.js";

export const evaluateCommand: Command = defineCommand({
  name: "evaluate",
  describe: "Measure the loss of a run's model on a dataset",
  positionals: {
    run: required(text, "Folder of the run"),
    dataset: optional(text, "A dataset or table; none: the run's own"),
  },
  options: { ...tableOptions, ...backendOptions },
  examples: [
    { command: "vadi evaluate runs/linear", describe: "On the rows it was trained on" },
    { command: "vadi evaluate runs/linear data/other", describe: "On others" },
  ],
  async run(values, context) {
    const { signal, onProgress, note } = context;
    const { evaluate, openForRun } = await import("../../../train/index.js");
    const given = { ...pickOptions(tableOptions, values), signal, onProgress };
    const opened =
      values.dataset === undefined
        ? undefined
        : await openForRun(values.run, values.dataset, given);
    for (const warning of opened?.warnings ?? []) note(warning);
    if (opened?.hasTarget === false) {
      await opened.close();
      throw failure(
        `${values.dataset} has no target to compare predictions with; use vadi predict.`,
      );
    }
    const options = {
      ...pickOptions(cacheOptions, values),
      backend: values.backend,
      signal,
      onProgress,
    };
    const evaluation = await evaluate(values.run, opened?.dataset, options).finally(() =>
      opened?.close(),
    );
    return evaluationResult(values.run, evaluation);
  },
});

/** What a command prints of a model's quality. */
export function evaluationResult(
  what: string,
  { loss, rSquared, meanAbsoluteError, rows }: Evaluation,
): CommandResult {
  return {
    json: { loss, rSquared, meanAbsoluteError },
    rows,
    text: [
      `Evaluated ${what} on ${counted(rows, "row")}`,
      ...facts([
        ["loss", `${plainNumber(loss)} (mean squared error)`],
        ["R²", rSquared === null ? "–, since the target is constant" : plainNumber(rSquared)],
        ["mean absolute error", plainNumber(meanAbsoluteError)],
      ]),
    ],
  };
}
