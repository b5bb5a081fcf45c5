import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Chance } from "./chance.js";

/** A command with random options, whose result is the folder `out`. */
export interface RandomJob {
  /** Commands that make what it reads. */
  before: string[][];
  /** The command, without the options by which it goes on. */
  words: string[];
  /** How it can be started again where something is there. */
  starts: readonly ("--resume" | "--force")[];
  /** Whether `verify` finds each changed byte of the result. */
  isDataset: boolean;
}

type Values = Readonly<Record<string, string | number | undefined>>;

function wordsOf(options: Values): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}

function randomData(chance: Chance): string[] {
  const format = chance.one(["arrow", "parquet"]);
  const rows = chance.whole(60, 600);
  const options = {
    rows,
    features: chance.whole(1, 5),
    seed: chance.whole(0, 1000),
    "shard-rows": Math.ceil(rows / chance.whole(1, 6)),
    format,
    compression: format === "parquet" ? chance.one(["none", "snappy", "zstd"]) : undefined,
    workers: chance.whole(1, 3),
  };
  return ["generate", chance.one(["lsm", "two-layer-sigmoid"]), ...wordsOf(options)];
}

function randomTraining(chance: Chance, source: string, activation?: string): string[] {
  const optimizer = chance.one(["sgd", "momentum", "adam", "rmsprop", "gradient-descent"]);
  const validates = optimizer !== "gradient-descent" && chance.fraction() < 0.5;
  const options = {
    model: chance.one(["linear", "mlp:3", "mlp:4,2"]),
    optimizer,
    activation,
    "batch-size": chance.whole(20, 200),
    epochs: chance.whole(1, 4),
    seed: chance.whole(0, 1000),
    validation: validates ? 0.2 : undefined,
    patience: validates ? chance.one([undefined, 1, 3]) : undefined,
    shuffle: chance.one(["none", "shards", "window", "buffer", "global"]),
    "checkpoint-every": `${chance.whole(1, 6)}steps`,
    keep: chance.whole(1, 3),
    backend: "wasm",
  };
  const isStandard = chance.fraction() < 0.3;
  return ["train", source, ...wordsOf(options), ...(isStandard ? ["--standardize"] : [])];
}

/** Rows of numbers, words and gaps. */
function randomTable(chance: Chance): string {
  const rows = Array.from({ length: chance.whole(5, 200) }, (_, row) => {
    const a = chance.fraction() < 0.1 ? "" : chance.whole(-50, 50);
    return `${a},${chance.one(["red", "blue", "green"])},${row},${chance.whole(0, 9) / 2}`;
  });
  return `a,b,c,y\n${rows.join("\n")}\n`;
}

const BOTH = ["--resume", "--force"] as const;

/** A random job. All paths are relative to `folder`, where what it reads is made. */
export async function randomJob(chance: Chance, folder: string): Promise<RandomJob> {
  const data = [...randomData(chance), "--out", "data"];
  const run = [...randomTraining(chance, "data"), "--out", "run"];
  const to = ["--out", "out"];
  const seed = chance.whole(0, 1000);
  const name = chance.one([
    "generate",
    "convert",
    "convert-table",
    "train",
    "train",
    "landscape",
    "curvature",
    "certify",
    "predict",
    "report",
  ] as const);
  const made = (
    before: string[][],
    words: string[],
    starts: RandomJob["starts"] = BOTH,
    isDataset = false,
  ): RandomJob => ({ before, words: [...words, ...to], starts, isDataset });
  switch (name) {
    case "generate":
      return made([], randomData(chance), BOTH, true);
    case "convert": {
      const options = { format: chance.one(["arrow", "parquet"]), workers: chance.whole(1, 3) };
      return made([data], ["convert", "data", ...wordsOf(options)], BOTH, true);
    }
    case "convert-table": {
      await writeFile(path.join(folder, "table.csv"), randomTable(chance));
      const options = {
        target: "y",
        categorical: chance.one(["b", undefined]),
        impute: chance.one(["mean", "median", "zero"]),
        "shard-rows": chance.whole(20, 100),
      };
      return made([], ["convert", "table.csv", ...wordsOf(options)], BOTH, true);
    }
    case "train":
      return made([data], randomTraining(chance, "data", chance.one([undefined, "tanh"])));
    case "landscape": {
      const options = {
        along: chance.one(["random", "gradient", "random-points"]),
        points: chance.whole(2, 9),
        batches: chance.one(["all", 1]),
        keep: chance.one([undefined, "summary"]),
        seed,
        workers: chance.whole(1, 2),
      };
      return made([data, run], ["landscape", "run", ...wordsOf(options)]);
    }
    case "curvature": {
      const options = { vectors: chance.whole(1, 3), seed, workers: 1 };
      return made([data, run], ["curvature", "run", ...wordsOf(options)]);
    }
    case "certify": {
      const options = { batches: chance.one(["all", 1]), seed, workers: 1 };
      return made([data, run], ["certify", "run", ...wordsOf(options)]);
    }
    case "predict": {
      const options = { format: chance.one(["arrow", "parquet"]) };
      return made([data, run], ["predict", "run", "data", ...wordsOf(options)], []);
    }
    case "report":
      return made([data, run], ["report", "run", "--format", "csv"], ["--force"]);
  }
}
