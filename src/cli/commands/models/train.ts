import { NO_VALUE, formatCount, formatPercent, plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { checkResumeOrForce } from "../../../files/output-folder.js";
import { text } from "../../../common/options/kinds.js";
import { flag, pickOptions, required } from "../../../common/options/options.js";
import { tableOptions } from "../../../storage/options.js";
import type { Run, RunRecord, ValidationResult } from "../../../train/index.js";
import { runOptions, trainingOptions } from "../../../train/options.js";
import { defineCommand, type Command, type CommandResult } from "../../parse/command.js";
import { facts, pathWord } from "../../terminal/output.js";
import { openGiven } from "../data/open-given.js";

/** A sentence that says what a training does, before its first step. */
function choiceOf(record: RunRecord, reason: string): string {
  const { options, backend, engine, layers, parameters, dataset } = record;
  const { optimizer } = options;
  const isExact = optimizer === "closed-form";
  const rows = `on ${counted(dataset.rows, "row")}`;
  const how = isExact
    ? `with ridge ${options.ridge} ${rows} in one pass`
    : `with learning rate ${options.learningRate} ${rows}, ${counted(options.epochs, "epoch")}`;
  const batches =
    isExact || optimizer === "gradient-descent"
      ? "all rows at once, streamed"
      : options.batchSize >= dataset.rows
        ? "all rows in one batch"
        : `batches of ${formatCount(options.batchSize)}, shuffle ${options.shuffle}`;
  const kernels = engine === optimizer ? "" : `, engine ${engine}`;
  return (
    `Training ${layers.join("→")} (${counted(parameters, "weight")}) by ${optimizer} ${how}, ` +
    `${batches}; backend ${backend}${kernels} (${reason}).`
  );
}

/** Serves the page of a run that is about to begin, and notes its address. */
async function startWatching(
  out: string,
  note: (sentence: string) => void,
): Promise<{ close(): Promise<void> }> {
  const { watch } = await import("../../../report/index.js");
  const watching = await watch(out, { wait: true });
  note(`Watch the training at ${watching.url}`);
  return watching;
}

const BUFFER_NOTE =
  "The default order for s3:// and https:// is --shuffle buffer, which mixes --buffer-shards shards at a time; --shuffle window mixes all, and needs a cache that holds them.";

const { out: OUT, ...whereAndHow } = runOptions;

export const trainCommand: Command = defineCommand({
  name: "train",
  describe: "Train a model on a dataset",
  positionals: { dataset: required(text, "Folder of the dataset, or a table: file or pattern") },
  options: {
    out: OUT,
    ...trainingOptions,
    ...whereAndHow,
    ...tableOptions,
    watch: flag("Serve a page on this machine that follows the training"),
  },
  examples: [
    {
      command: "vadi train data/lsm --out runs/linear --epochs 5 --learning-rate 0.1",
      describe: "A linear model",
    },
    {
      command: "vadi train data/sigmoid --out runs/mlp --model mlp --epochs 100",
      describe: "A network of two hidden layers",
    },
    {
      command: "vadi train data/sigmoid --from runs/mlp@64 --seed 7 --out runs/fork",
      describe: "From a step of another run, with other batches",
    },
  ],
  async run(values, context) {
    const { signal, onProgress, note } = context;
    const { out, force = false, resume = false } = values;
    checkResumeOrForce(resume, force);
    // The threads start while TensorFlow.js is loaded.
    const { startReading } = await import("../../../stream/index.js");
    startReading();
    const [dataset, { train }, { currentBackend }] = await Promise.all([
      openGiven(values.dataset, values, context),
      import("../../../train/index.js"),
      import("../../../backend/index.js"),
    ]);
    const reasonOf = (): string =>
      resume && values.backend === undefined
        ? "as before"
        : (currentBackend()?.reason ?? "as before");
    const watching = values.watch ? await startWatching(values.out, note) : undefined;
    const run = await train(dataset, {
      ...pickOptions(trainingOptions, values),
      ...pickOptions(runOptions, values),
      out,
      signal,
      onProgress,
      onStart(record) {
        note(choiceOf(record, reasonOf()));
        if (values.shuffle === undefined && record.options.shuffle === "buffer") {
          note(BUFFER_NOTE);
        }
        for (const warning of record.warnings ?? []) note(warning);
      },
    }).finally(() => watching?.close());
    for (const warning of run.warnings) {
      if (!run.record.warnings?.includes(warning)) note(warning);
    }
    return resultOf(run, out, reasonOf());
  },
});

/** `, R² 0.93, mean absolute error 1.2` */
function qualityOf({ rSquared, meanAbsoluteError }: ValidationResult): string {
  const parts = [
    ...(rSquared === null ? [] : [`R² ${plainNumber(rSquared)}`]),
    ...(meanAbsoluteError === null
      ? []
      : [`mean absolute error ${plainNumber(meanAbsoluteError)}`]),
  ];
  return parts.map((part) => `, ${part}`).join("");
}

/** What a training prints. */
function resultOf(run: Run, out: string, reason: string): CommandResult {
  const { record, warnings } = run;
  const { result, options, backend } = record;
  const loss = result?.loss ?? null;
  const waited = result?.waitedForData ?? 0;
  const shown = pathWord(out);
  const validation = result?.validation;
  const stopped = validation?.stoppedEarly === true ? ", then stopped early" : "";
  const steps = `${formatCount(result?.steps ?? 0)} in ${counted(result?.epochs ?? 0, "epoch")}`;
  return {
    json: {
      run: out,
      status: record.status,
      model: options.model,
      optimizer: options.optimizer,
      backend,
      steps: result?.steps ?? 0,
      epochs: result?.epochs ?? 0,
      loss,
      waitedForData: waited,
      warnings,
      ...(validation !== undefined && { validation }),
      ...(result?.weights !== undefined && { weights: result.weights }),
    },
    rows: result?.rows ?? 0,
    rowsPerSecond: result?.rowsPerSecond ?? 0,
    text: [
      `Trained ${options.model} by ${options.optimizer}: ${out}`,
      ...facts([
        ["steps", steps],
        ["loss", loss === null ? NO_VALUE : `${plainNumber(loss)} (mean squared error)`],
        ...(validation === undefined
          ? []
          : [
              [
                "validation",
                `${plainNumber(validation.loss)}${qualityOf(validation)} after epoch ${validation.epoch}${stopped}`,
              ] as const,
            ]),
        ["speed", `${formatCount(result?.rowsPerSecond ?? 0)} rows/s`],
        ["backend", `${backend}: ${reason}`],
        ["waited", `${formatPercent(waited)} of the time for data`],
      ]),
    ],
    next: `Next: vadi landscape ${shown}, then vadi report ${shown}`,
  };
}
