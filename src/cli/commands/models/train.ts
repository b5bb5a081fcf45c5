import { counted, formatCount } from "../../../common/counts.js";
import { checkResumeOrForce } from "../../../files/output-folder.js";
import type { BackendName } from "../../../backend/index.js";
import type { RunRecord, TrainOptions } from "../../../train/index.js";
import { defineCommand, type Command } from "../../parse/command.js";
import {
  camelCase,
  choice,
  count,
  flag,
  number,
  optional,
  required,
  size,
  text,
  toggle,
  withDefault,
  type Option,
  type ValuesOf,
} from "../../parse/options.js";
import { facts, formatNumber, NOTHING, pathWord } from "../../terminal/output.js";
import { openGiven, tableOptions } from "../data/table-options.js";

const OPTIMIZERS = [
  "sgd",
  "momentum",
  "nesterov",
  "rmsprop",
  "adam",
  "gradient-descent",
  "closed-form",
] as const;
const ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid"] as const;

/** How a model is trained, for `train` and for the experiments. */
export const trainingOptions: {
  model: Option<string>;
  bias: Option<boolean>;
  activation: Option<(typeof ACTIVATIONS)[number]>;
  init: Option<string>;
  optimizer: Option<(typeof OPTIMIZERS)[number]>;
  "learning-rate": Option<number>;
  momentum: Option<number>;
  alpha: Option<number>;
  beta1: Option<number>;
  beta2: Option<number>;
  epsilon: Option<number>;
  "weight-decay": Option<number>;
  ridge: Option<number>;
  schedule: Option<"constant" | "step" | "cosine">;
  "step-size": Option<number | undefined>;
  gamma: Option<number>;
  warmup: Option<number>;
  "clip-norm": Option<number | undefined>;
  "batch-size": Option<number>;
  "drop-last": Option<boolean>;
  epochs: Option<number>;
  shuffle: Option<"none" | "shards" | "window" | "global">;
  memory: Option<number>;
  scratch: Option<string | undefined>;
  seed: Option<number>;
  standardize: Option<boolean>;
  validation: Option<number>;
  patience: Option<number | undefined>;
  backend: Option<BackendName>;
  gradients: Option<"explicit" | "autodiff">;
  "log-every": Option<number | undefined>;
  "checkpoint-every": Option<string>;
  keep: Option<number>;
} = {
  model: withDefault(
    text,
    "linear",
    "linear, mlp (D→4D→2D→1, ReLU), mlp:H1,H2,… or the path of a model.json",
  ),
  bias: withDefault(toggle, "false", "Whether linear and mlp have biases"),
  activation: withDefault(choice(ACTIVATIONS), "relu", "Of mlp: relu, tanh, sigmoid or linear"),
  optimizer: withDefault(
    choice(OPTIMIZERS),
    "sgd",
    "sgd, momentum, nesterov, rmsprop, adam, gradient-descent (all rows a step), closed-form",
  ),
  "learning-rate": withDefault(number, "0.001", "Learning rate"),
  momentum: withDefault(number, "0.9", "µ of momentum and nesterov"),
  alpha: withDefault(number, "0.99", "α of rmsprop"),
  beta1: withDefault(number, "0.9", "β₁ of adam"),
  beta2: withDefault(number, "0.999", "β₂ of adam"),
  epsilon: withDefault(number, "1e-8", "ε of rmsprop and adam"),
  "weight-decay": withDefault(number, "0", "λ: λw joins each gradient (L2)"),
  schedule: withDefault(
    choice(["constant", "step", "cosine"]),
    "constant",
    "constant, step, cosine",
  ),
  "step-size": optional(count, "Epochs between two drops of step", "a third of all"),
  gamma: withDefault(number, "0.1", "What each drop of step multiplies by"),
  warmup: withDefault(count, "0", "Steps over which the learning rate rises"),
  "clip-norm": optional(number, "Largest norm of all gradients together", "no clipping"),
  standardize: withDefault(toggle, "false", "Standardise features and target"),
  validation: withDefault(number, "0", "Fraction of the rows to measure each epoch by"),
  patience: optional(count, "Stop after so many epochs without progress", "never"),
  "checkpoint-every": withDefault(text, "30s", "Between checkpoints: 30s, 5min, 1000steps"),
  keep: withDefault(count, "3", "Checkpoints that are kept"),
  "batch-size": withDefault(count, "10000", "Rows a step"),
  "drop-last": withDefault(toggle, "false", "Leave out an epoch's last batch if it is smaller"),
  epochs: withDefault(count, "1", "Passes over the data; 0 writes the initial model"),
  shuffle: withDefault(
    choice(["none", "shards", "window", "global"]),
    "window",
    "none, shards (order of files), window (mixed blocks) or global (exact)",
  ),
  memory: withDefault(size, "256MiB", "Read-ahead and shuffle buffers, at most"),
  scratch: optional(text, "Folder for global's scratch files", "the system's temporary folder"),
  seed: withDefault(count, "42", "Seed of the initial weights and of the shuffle"),
  init: withDefault(text, "uniform", "Initial weights: uniform, normal:0.1 or glorot"),
  ridge: withDefault(number, "0", "λ of closed-form: XᵀX + λI"),
  backend: withDefault(
    choice(["auto", "tfjs-node-gpu", "tfjs-node", "webgpu", "wasm", "cpu"]),
    "auto",
    "auto (the best that works), tfjs-node-gpu, tfjs-node, webgpu, wasm or cpu; see vadi backend",
  ),
  gradients: withDefault(
    choice(["explicit", "autodiff"]),
    "explicit",
    "explicit (fast) or autodiff (tfjs's own)",
  ),
  "log-every": optional(count, "Steps between two logged losses", "such that 2000 are logged"),
};

/** The options of a training by the library's names: of those, the ones that are wanted. */
function chosenOptions(
  values: ValuesOf<typeof trainingOptions>,
  isWanted: (name: string) => boolean,
): Partial<TrainOptions> {
  const entries = Object.keys(trainingOptions)
    .filter((name) => isWanted(name) && values[name as keyof typeof values] !== undefined)
    .map((name): [string, unknown] => [camelCase(name), values[name as keyof typeof values]]);
  return Object.fromEntries(entries);
}

/** What a training is about to do, in a sentence. */
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

/** Serves the page of a run that is about to begin, and tells where. */
async function startWatching(
  out: string,
  note: (sentence: string) => void,
): Promise<{ close(): Promise<void> }> {
  const { watch } = await import("../../../report/index.js");
  const watching = await watch(out, { wait: true });
  note(`Watch the training at ${watching.url}`);
  return watching;
}

export const trainCommand: Command = defineCommand({
  name: "train",
  describe: "Stream a dataset into a model: SGD, Adam, gradient descent, closed form …",
  positionals: { dataset: required(text, "Folder of the dataset, or a table: file or pattern") },
  options: {
    out: required(text, "Folder to write the run to"),
    ...tableOptions,
    ...trainingOptions,
    resume: flag("Go on from the newest checkpoint of the run in --out"),
    "other-backend": flag("Let --resume go on with another backend or engine"),
    force: flag("Replace a run that is there already"),
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
  ],
  async run(values, context) {
    const { signal, onProgress, note, given } = context;
    const { out, force, resume } = values;
    checkResumeOrForce(resume, force);
    const [dataset, { train }, { currentBackend }] = await Promise.all([
      openGiven(values.dataset, values, context),
      import("../../../train/index.js"),
      import("../../../backend/index.js"),
    ]);
    const chosen = chosenOptions(values, (name) => !resume || given.has(name));
    const reasonOf = (): string =>
      resume && !given.has("backend") ? "as before" : (currentBackend()?.reason ?? "as before");
    const watching = values.watch ? await startWatching(values.out, note) : undefined;
    const run = await train(dataset, {
      ...chosen,
      out,
      force,
      resume,
      otherBackend: values["other-backend"],
      signal,
      onProgress,
      onStart(record) {
        note(choiceOf(record, reasonOf()));
        for (const warning of record.warnings ?? []) note(warning);
      },
    }).finally(() => watching?.close());
    const { record, warnings } = run;
    for (const warning of warnings) if (!record.warnings?.includes(warning)) note(warning);
    const { result, options } = record;
    const loss = result?.loss ?? null;
    const waited = result?.waitedForData ?? 0;
    const shown = pathWord(out);
    const validated = result?.validation;
    return {
      json: {
        run: values.out,
        status: record.status,
        model: options.model,
        optimizer: options.optimizer,
        backend: record.backend,
        steps: result?.steps ?? 0,
        epochs: result?.epochs ?? 0,
        loss,
        waitedForData: waited,
        warnings,
        ...(validated !== undefined && { validation: validated }),
        ...(result?.weights !== undefined && { weights: result.weights }),
      },
      rows: result?.rows ?? 0,
      rowsPerSecond: result?.rowsPerSecond ?? 0,
      text: [
        `Trained ${options.model} by ${options.optimizer}: ${values.out}`,
        ...facts([
          [
            "steps",
            `${formatCount(result?.steps ?? 0)} in ${counted(result?.epochs ?? 0, "epoch")}`,
          ],
          ["loss", loss === null ? NOTHING : `${formatNumber(loss)} (mean squared error)`],
          ...(validated === undefined
            ? []
            : [
                [
                  "validation",
                  `${formatNumber(validated.loss)} after epoch ${validated.epoch}${validated.stoppedEarly ? ", then stopped early" : ""}`,
                ] as [string, string],
              ]),
          ["speed", `${formatCount(result?.rowsPerSecond ?? 0)} rows/s`],
          ["backend", `${record.backend}: ${reasonOf()}`],
          ["waited", `${(waited * 100).toFixed(1)}% of the time for data`],
        ]),
      ],
      next: `Next: vadi landscape ${shown}, then vadi report ${shown}`,
    };
  },
});
