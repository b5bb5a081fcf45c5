import { availableParallelism } from "node:os";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { version_core as tfjs } from "@tensorflow/tfjs-core";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { generate, openDataset } from "../../src/index.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, runProgram, type Entrant, type Measurement } from "./measure.js";
import { firstRows } from "./peers/first-rows.js";
import {
  atLeastOne,
  COMMON,
  HERE,
  MAIN,
  note,
  openPeers,
  readCommon,
  SOURCES,
  whyMissing,
} from "./options.js";
import type { Python } from "./python.js";
import { columns, ratioTable, type Ratio } from "./tables.js";

/*
 * How fast the linear model and the notebook's MLP are trained by SGD, beside torch eager on the same
 * cores and TensorFlow.js by itself: whole passes over shuffled rows with the loader included, and
 * steps on one batch again and again. Every program runs as a process of its own and times its job
 * alone; torch and TensorFlow.js have the rows in memory, or mapped into it, before they start.
 */

const FEATURES = 10;
const SEED = 42;
const LEARNING_RATE = 0.001;
const MODELS = ["linear", "mlp"] as const;
type Model = (typeof MODELS)[number];

/** Work of each run, for steps that differ a hundredfold; `--scale` multiplies it. */
const EPOCHS = { linear: 40, mlp: 20 } as const;
const STEPS = { linear: 2000, mlp: 1000 } as const;

interface Files {
  dataset: string;
  x: string;
  y: string;
}

interface Given {
  rows: number;
  batchSize: number;
  /** Multiplies the work of a run. */
  scale: number;
  files: Readonly<Record<Model, Files>>;
  /** tfjs backends that are measured. */
  backends: readonly string[];
  python: Python | undefined;
}

function namesOf(model: Model): Record<string, string> {
  return {
    run: `${model}: vadi, Arrow files`,
    memmap: `${model}: torch eager, NumPy memmap by a permutation`,
    memory: `${model}: torch eager, in memory by a permutation`,
    fit: `${model}: TensorFlow.js model.fit on wasm, in memory`,
    step: `${model}, one batch: vadi`,
    torchStep: `${model}, one batch: torch eager`,
    minimize: `${model}, one batch: TensorFlow.js optimizer.minimize on wasm`,
  };
}

function entrantsOf(model: Model, given: Given): (Entrant | undefined)[] {
  const { rows, batchSize, scale, files, backends, python } = given;
  const { dataset, x, y } = files[model];
  const names = namesOf(model);
  const epochs = Math.max(1, Math.round(EPOCHS[model] * scale));
  const steps = Math.max(1, Math.round(STEPS[model] * scale));
  const own = { dataset, model, batchSize, learningRate: LEARNING_RATE };

  function script(name: string, options: object): ReturnType<typeof runProgram> {
    const file = path.join(HERE, "peers", `${name}.js`);
    return runProgram(process.execPath, [file, JSON.stringify({ ...own, ...options })]);
  }
  function torch(name: string, batches: string, rounds: number): Entrant | undefined {
    if (python === undefined) return undefined;
    const rest = { rows, features: FEATURES, threads: availableParallelism() };
    const told = { x, y, model, batchSize, learningRate: LEARNING_RATE, batches, rounds, ...rest };
    return {
      name,
      rows: rounds * (batches === "same" ? batchSize : rows),
      run: () =>
        runProgram(python.program, [
          "-B",
          path.join(SOURCES, "peers/train_torch.py"),
          JSON.stringify(told),
        ]),
    };
  }

  return [
    ...backends.map((backend) => ({
      name: `${names["run"]} → ${backend}`,
      rows: epochs * rows,
      run: (runFolder: string) => script("train", { backend, rounds: epochs, runFolder }),
    })),
    torch(names["memmap"]!, "memmap", epochs),
    torch(names["memory"]!, "memory", epochs),
    {
      name: names["fit"]!,
      rows,
      run: () => script("train-tfjs", { way: "fit", rounds: 1 }),
    },
    ...backends.map((backend) => ({
      name: `${names["step"]} → ${backend}`,
      rows: steps * batchSize,
      run: () => script("train", { backend, rounds: steps }),
    })),
    torch(names["torchStep"]!, "same", steps),
    {
      name: names["minimize"]!,
      rows: Math.ceil(steps / 20) * batchSize,
      run: () => script("train-tfjs", { way: "minimize", rounds: Math.ceil(steps / 20) }),
    },
  ];
}

function share(value: unknown): string {
  return typeof value === "number" ? `${(100 * value).toFixed(1)} %` : "";
}

/** One line a program. */
function trainingTable(measured: readonly Measurement[]): string[] {
  return columns([
    ["", "ms/step", "least – most", "M rows/s", "waited for data", "last loss", "peak memory"],
    ...measured.map(({ name, seconds, rowsPerSecond, peakRssBytes, told }) => {
      const perStep = (value: number): string =>
        ((1000 * value) / Number(told["steps"])).toFixed(3);
      const loss = told["loss"];
      return [
        name,
        perStep(seconds.median),
        `${perStep(seconds.least)} – ${perStep(seconds.most)}`,
        (rowsPerSecond / 1e6).toFixed(2),
        share(told["waitedForData"]),
        typeof loss === "number" ? loss.toPrecision(4) : "",
        formatBytes(peakRssBytes),
      ];
    }),
  ]);
}

/** What the goals speak of; what was not measured is missing. */
function ratios(measured: readonly Measurement[], backends: readonly string[]): Ratio[] {
  const speed = (name: string): number =>
    measured.find((measurement) => measurement.name === name)?.rowsPerSecond ?? NaN;
  const list = backends.flatMap((backend): Ratio[] => {
    const native = backend !== "wasm";
    return MODELS.flatMap((model) => {
      const names = namesOf(model);
      const run = speed(`${names["run"]} → ${backend}`);
      const step = speed(`${names["step"]} → ${backend}`);
      const isMlp = model === "mlp";
      return [
        {
          name: `${model}: vadi → ${backend}, M rows/s`,
          value: run / 1e6,
          goal: isMlp || native ? "–" : "8",
        },
        {
          name: `${model}: vadi → ${backend} / torch, memmap`,
          value: run / speed(names["memmap"]!),
          goal: "–",
        },
        {
          name: `${model}: vadi → ${backend} / torch, in memory`,
          value: run / speed(names["memory"]!),
          goal: "–",
        },
        {
          name: `${model}: vadi → ${backend} / TensorFlow.js model.fit`,
          value: run / speed(names["fit"]!),
          goal: "–",
        },
        {
          name: `${model}, one batch: vadi → ${backend} / torch`,
          value: step / speed(names["torchStep"]!),
          goal: isMlp ? (native ? "1.3" : "0.67") : "–",
        },
        {
          name: `${model}, one batch: vadi → ${backend} / optimizer.minimize`,
          value: step / speed(names["minimize"]!),
          goal: "–",
        },
      ];
    });
  });
  return list.filter(({ value }) => !Number.isNaN(value));
}

/** wasm, and native TensorFlow where it is installed. */
async function presentBackends(): Promise<string[]> {
  const document = await runProgram(process.execPath, [MAIN, "backend", "--json"]).catch(
    () => ({}),
  );
  const { backends = [] } = document as { backends?: { name: string; available: boolean }[] };
  const native = backends.find(({ name }) => name === "tfjs-node");
  return native?.available === true ? ["wasm", "tfjs-node"] : ["wasm"];
}

/** The datasets of the notebook's experiments, and their rows in plain files. */
async function makeFiles(folder: string, rows: number): Promise<Record<Model, Files>> {
  async function make(model: Model, kind: "lsm" | "two-layer-sigmoid"): Promise<Files> {
    const place = path.join(folder, model);
    const dataset = path.join(place, "dataset");
    await mkdir(place);
    await generate({ kind, rows, features: FEATURES, noise: 0.1, seed: SEED, out: dataset });
    const files = { dataset, x: path.join(place, "x"), y: path.join(place, "y") };
    const { x, y } = await firstRows(await openDataset(dataset), rows);
    await writeFile(files.x, x);
    await writeFile(files.y, y);
    return files;
  }
  return { linear: await make("linear", "lsm"), mlp: await make("mlp", "two-layer-sigmoid") };
}

/**
 * Measures training.
 *
 * @param words `--rows 1M --batch-size 10000 --runs 3 --scale 1 --folder .bench --skip-python --json`
 * @returns what is to be printed
 */
export async function benchTrain(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: "string", default: "1M" },
      "batch-size": { type: "string", default: "10000" },
      scale: { type: "string", default: "1" },
      ...COMMON,
    },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const batchSize = atLeastOne(values["batch-size"], "--batch-size");
  const scale = Number(values.scale);
  if (!(scale > 0)) throw new TypeError(`--scale must be a number above 0, not ${values.scale}.`);
  const common = await readCommon(values);
  const { runs, folder, json } = common;
  const python = await openPeers("train.txt", common);
  const backends = await presentBackends();
  const place = await mkdtemp(path.join(folder, "train-"));
  let measured: Measurement[];
  try {
    const files = await makeFiles(place, Math.max(rows, batchSize));
    const given = { rows: Math.max(rows, batchSize), batchSize, scale, files, backends, python };
    const entrants = MODELS.flatMap((model) => entrantsOf(model, given));
    measured = await measure(
      entrants.filter((entrant) => entrant !== undefined),
      runs,
      place,
      ({ name }, run) => note(`run ${run + 1} of ${runs}: ${name}`),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  const machine = machineFacts([`TensorFlow.js ${tfjs}`, ...(python?.versions ?? [])]);
  const found = ratios(measured, backends);
  if (json) {
    const about = { concern: "train", rows, features: FEATURES, batchSize, runs, machine };
    return JSON.stringify({ ...about, measured, ratios: found }, undefined, 2);
  }
  return [
    `train: SGD on ${formatCount(rows)} rows × ${FEATURES} features, batches of ${formatCount(batchSize)}, medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    "Shuffled anew every epoch; vadi reads Arrow files, the others have the rows in memory before the clock starts.",
    ...whyMissing(python, common, "torch is"),
    "",
    ...trainingTable(measured),
    "",
    ...ratioTable(found),
  ].join("\n");
}
