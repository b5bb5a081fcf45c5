import { formatCount } from "../../common/counts.js";
import type { BackendName } from "../../train/index.js";
import { defineCommand, type Command } from "../command.js";
import {
  choice,
  count,
  flag,
  present,
  number,
  optional,
  required,
  size,
  text,
  toggle,
  withDefault,
  type Option,
} from "../options.js";
import { facts, formatNumber, pathWord } from "../output.js";
import { tableOptions } from "./table-options.js";

/** How a model is trained, for `train` and for the experiments. */
export const trainingOptions: {
  model: Option<string>;
  optimizer: Option<"sgd" | "gradient-descent" | "closed-form">;
  "learning-rate": Option<number>;
  "batch-size": Option<number>;
  "drop-last": Option<boolean>;
  epochs: Option<number>;
  shuffle: Option<"none" | "shards" | "window" | "global">;
  memory: Option<number>;
  scratch: Option<string | undefined>;
  seed: Option<number>;
  init: Option<string>;
  ridge: Option<number>;
  backend: Option<BackendName>;
  gradients: Option<"explicit" | "autodiff">;
  "log-every": Option<number | undefined>;
} = {
  model: withDefault(
    text,
    "linear",
    "linear, mlp (D→4D→2D→1, ReLU), mlp:H1,H2,… or the path of a model.json",
  ),
  optimizer: withDefault(
    choice(["sgd", "gradient-descent", "closed-form"]),
    "sgd",
    "sgd, gradient-descent (all rows a step) or closed-form (linear model)",
  ),
  "learning-rate": withDefault(number, "0.001", "Learning rate"),
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

export const trainCommand: Command = defineCommand({
  name: "train",
  describe: "Stream a dataset into a model: SGD, gradient descent, closed form",
  positionals: { dataset: required(text, "Folder of the dataset, or a table: file or pattern") },
  options: {
    out: required(text, "Folder to write the run to"),
    ...tableOptions,
    ...trainingOptions,
    force: flag("Replace a run that is there already"),
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
  async run(values, { signal, onProgress, note }) {
    const [{ openDataset }, { train }] = await Promise.all([
      import("../../stream/index.js"),
      import("../../train/index.js"),
    ]);
    const dataset = await openDataset(values.dataset, {
      ...present({
        target: values.target,
        features: values.features,
        invalid: values.invalid,
      }),
      signal,
      onProgress,
    });
    for (const warning of dataset.warnings) note(warning);
    const run = await train(dataset, {
      ...present({
        out: values.out,
        model: values.model,
        optimizer: values.optimizer,
        learningRate: values["learning-rate"],
        batchSize: values["batch-size"],
        dropLast: values["drop-last"],
        epochs: values.epochs,
        shuffle: values.shuffle,
        memory: values.memory,
        scratch: values.scratch,
        seed: values.seed,
        init: values.init,
        ridge: values.ridge,
        backend: values.backend,
        gradients: values.gradients,
        logEvery: values["log-every"],
        force: values.force,
      }),
      signal,
      onProgress,
    });
    const { record } = run;
    const { result, options } = record;
    const loss = result?.loss ?? null;
    const waited = result?.waitedForData ?? 0;
    const out = pathWord(values.out);
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
        ...(result?.weights !== undefined && { weights: result.weights }),
      },
      rows: result?.rows ?? 0,
      rowsPerSecond: result?.rowsPerSecond ?? 0,
      text: [
        `Trained ${options.model} by ${options.optimizer}: ${values.out}`,
        ...facts([
          ["steps", `${formatCount(result?.steps ?? 0)} in ${result?.epochs ?? 0} epochs`],
          ["loss", loss === null ? "–" : `${formatNumber(loss)} (mean squared error)`],
          ["speed", `${formatCount(result?.rowsPerSecond ?? 0)} rows/s on ${record.backend}`],
          ["waited", `${(waited * 100).toFixed(1)}% of the time for data`],
        ]),
      ],
      next: `Next: vadi landscape ${out}, then vadi report ${out}`,
    };
  },
});
