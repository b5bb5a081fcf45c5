import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../../src/common/errors.js";
import { loadCommands } from "../../../src/cli/commands/index.js";
import { readCommandLine } from "../../../src/cli/parse/parse.js";
import { certifySettings } from "../../../src/curvature/certify-options.js";
import { curvatureSettings } from "../../../src/curvature/resolve-options.js";
import { landscapeSettings } from "../../../src/landscape/index.js";
import { checkGenerateSpec } from "../../../src/storage/dataset/generate-spec.js";
import { checkBatchOptions } from "../../../src/stream/check-options.js";
import { trainingSettings } from "../../../src/train/resolve-options.js";
import type { Sample, Target } from "../target.js";

/*
 * Options as a program gives them, as a configuration has them, and as words of a command line. None of the jobs is
 * started.
 */

const dataset = { rows: 1000, features: 3, path: "/data" };
const run = {
  dir: "/run",
  record: { options: { batchSize: 100 } },
} as never;

/** What each folder of vadi makes of its options. */
const SETTINGS: Readonly<Record<string, { given: object; read: (given: never) => unknown }>> = {
  generate: {
    given: { kind: "lsm", out: "/tmp/x", rows: 100, features: 3, noise: 0.1, format: "parquet" },
    read: checkGenerateSpec,
  },
  batches: {
    given: { batchSize: 10, shuffle: "window", seed: 1, epoch: 2, rank: 0, worldSize: 2 },
    read: (given) => checkBatchOptions(given, { fingerprint: "", columns: "" }),
  },
  train: {
    given: {
      model: "linear",
      out: "/tmp/x",
      optimizer: "adam",
      learningRate: 0.1,
      batchSize: 10,
      epochs: 3,
      validation: 0.1,
      checkpointEvery: "10steps",
    },
    read: (given) => trainingSettings(dataset, given),
  },
  landscape: {
    given: { along: "random", plane: true, points: [5, 3], scale: 1, batches: [0, 1], seed: 1 },
    read: (given) => landscapeSettings(given, 100),
  },
  curvature: {
    given: { batches: "all", vectors: 2, tolerance: 0.1, density: true, part: "all" },
    read: (given) => curvatureSettings(run, 1000, given),
  },
  certify: {
    given: { along: "gradient", batches: 1, from: -1, to: 1, scale: 2 },
    read: (given) => certifySettings(run, 1000, given),
  },
};

/** Words, in a list. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "words-generate": ["generate", "lsm", "--out", "x", "--rows", "10M", "--noise", "0.1", "--force"],
  "words-train": [
    "train",
    "data",
    "--out",
    "x",
    "--model",
    "mlp:3,4",
    "--memory=1GiB",
    "--no-bias",
  ],
  "words-landscape": [
    "landscape",
    "run",
    "--along",
    "model:x",
    "--points",
    "3x4",
    "--batches",
    "0,1",
  ],
  "words-report": ["report", "a", "b", "--title", "t", "--size", "100x200", "--quiet", "--json"],
};

/** Jobs with a configuration file. */
const CONFIGS: Readonly<Record<string, object>> = {
  "config-train": { "batch-size": 10, learningRate: 0.1, model: "linear", out: "x", force: true },
  "config-landscape": { batches: [0, 3], points: 5, along: "random" },
};

async function jsonIn(folder: string): Promise<unknown> {
  const text = await readFile(path.join(folder, "given.json"), "utf8");
  try {
    return JSON.parse(text);
  } catch {
    // A program cannot give it.
    throw failure("The options are not written as JSON.");
  }
}

function invocation(words: readonly string[]): Promise<unknown> {
  return loadCommands().then((commands) => {
    const found = readCommandLine(words, { commands, environment: {} });
    return "command" in found ? { ...found, command: found.command?.name } : found;
  });
}

function settingsSample(read: (given: never) => unknown): Sample {
  return {
    files: ["given.json"],
    async read(folder) {
      const given = await jsonIn(folder);
      if (typeof given !== "object" || given === null) throw failure("These are no options.");
      return JSON.stringify(read(given as never)) ?? "nothing";
    },
  };
}

const wordsSample: Sample = {
  files: ["given.json"],
  async read(folder) {
    const words = await jsonIn(folder);
    const isList = Array.isArray(words) && words.every((word) => typeof word === "string");
    if (!isList) throw failure("A command line consists of texts.");
    return JSON.stringify(await invocation(words));
  },
};

function configSample(command: string): Sample {
  return {
    files: ["given.json"],
    async read(folder) {
      const words = [command, "place", "--config", path.join(folder, "given.json")];
      const found = (await invocation(words)) as { values: object };
      return JSON.stringify({ ...found.values, config: "" });
    },
  };
}

export const target: Target = {
  async write(folder) {
    const all = [
      ...Object.entries(SETTINGS).map(([name, { given }]) => [name, given] as const),
      ...Object.entries(WORDS),
      ...Object.entries(CONFIGS),
    ];
    for (const [name, given] of all) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, "given.json"), JSON.stringify(given));
    }
  },
  samples: {
    ...Object.fromEntries(
      Object.entries(SETTINGS).map(([name, { read }]) => [name, settingsSample(read)]),
    ),
    ...Object.fromEntries(Object.keys(WORDS).map((name) => [name, wordsSample])),
    "config-train": configSample("train"),
    "config-landscape": configSample("landscape"),
  },
};
