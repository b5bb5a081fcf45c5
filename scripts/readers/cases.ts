import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { landscape } from "../../src/landscape/index.js";
import type { LandscapeOptions } from "../../src/landscape/index.js";
import { convert, writeDataset, writePart } from "../../src/storage/index.js";
import type { GenerateSpec } from "../../src/storage/index.js";
import { openDataset, SHUFFLE_MODES } from "../../src/stream/index.js";
import type { Batch, BatchOptions, Dataset } from "../../src/stream/index.js";
import { chooseBackend } from "../../src/backend/index.js";
import { train } from "../../src/train/index.js";
import type { Run, TrainOptions } from "../../src/train/index.js";

/** What vadi did, for compare.py: its kind, the options and the files or folders that it wrote. */
type Case = { type: string } & Record<string, unknown>;

/** Where cases write, and the list that they are added to. */
interface Cases {
  folder: string;
  list: Case[];
}

const LARGEST_SEED = Number.MAX_SAFE_INTEGER;
const LAST_EPOCH = 2 ** 21 - 1;
const EPOCHS = [0, 1, 7];

/**
 * The datasets: both kinds and formats, 1, 2, 10 and 33 features, shards that do not divide the rows,
 * seeds at both ends, no noise, and rows for several windows, buckets and inner buckets.
 */
const SPECS = {
  "lsm-large": { kind: "lsm", rows: 600_001, features: 1, shardRows: 500_000 },
  "lsm-row": { kind: "lsm", rows: 1, features: 2, seed: 0, noise: 0 },
  "lsm-seed": { kind: "lsm", rows: 25_003, shardRows: 7000, seed: LARGEST_SEED, format: "parquet" },
  "lsm-wide": {
    kind: "lsm",
    rows: 5000,
    features: 33,
    shardRows: 1999,
    seed: 7,
    noise: 2.5,
    format: "parquet",
    compression: "zstd",
  },
  "lsm-exact": { kind: "lsm", rows: 1000, seed: 2 ** 32 + 5, noise: 0 },
  "lsm-batches": { kind: "lsm", rows: 70_000, format: "parquet" },
  "sigmoid-row": { kind: "two-layer-sigmoid", rows: 1, features: 3, seed: 1 },
  "sigmoid-one": { kind: "two-layer-sigmoid", rows: 1000, features: 1, seed: 0 },
  // The first maximum is so near to 0 that the logistic function meets its limits.
  "sigmoid-steep": { kind: "two-layer-sigmoid", rows: 500, features: 1, seed: 578, noise: 0 },
  "sigmoid-negative": { kind: "two-layer-sigmoid", rows: 500, features: 1, seed: 18, noise: 0 },
  "sigmoid-two": {
    kind: "two-layer-sigmoid",
    rows: 20_011,
    features: 2,
    shardRows: 6000,
    format: "parquet",
    compression: "snappy",
  },
  "sigmoid-ten": { kind: "two-layer-sigmoid", rows: 100_000, shardRows: 30_000, seed: 10 },
  "sigmoid-wide": {
    kind: "two-layer-sigmoid",
    rows: 3001,
    features: 33,
    shardRows: 1000,
    seed: LARGEST_SEED,
    noise: 0,
  },
} as const satisfies Record<string, Omit<GenerateSpec, "out">>;

type Name = keyof typeof SPECS;

/** Runs every case in a folder and writes cases.json, the last file, for compare.py. */
export async function makeCases(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const cases: Cases = { folder, list: [] };
  await generate(cases);
  await shuffle(cases);
  await split(cases);
  await initialise(cases);
  await schedule(cases);
  await clip(cases);
  await dropOut(cases);
  await drawLandscapes(cases);
  await writeFile(path.join(folder, "cases.json"), JSON.stringify(cases.list));
}

async function generate({ folder, list }: Cases): Promise<void> {
  for (const [name, spec] of Object.entries(SPECS)) {
    await writeDataset({ ...spec, out: path.join(folder, name) });
    list.push({ type: "dataset", name, folder: name, ...spec });
  }
  // Row 2³² lies in shard 4294 of a dataset of which only this shard is made.
  const spec = { kind: "lsm", rows: 4_295_000_000, features: 1, shardRows: 1_000_000 } as const;
  await writePart({ ...spec, shards: "4294", out: path.join(folder, "lsm-far") });
  list.push({ type: "dataset", name: "lsm-far", folder: "lsm-far", shard: 4294, ...spec });
}

async function shuffle(cases: Cases): Promise<void> {
  const orders: [Name, number, readonly number[]][] = [
    ["lsm-large", 42, EPOCHS],
    ["lsm-row", 0, EPOCHS],
    ["lsm-seed", LARGEST_SEED, [0, LAST_EPOCH]],
    ["lsm-wide", 2 ** 32, [7]],
    ["lsm-exact", 0, EPOCHS],
    ["sigmoid-ten", 0, EPOCHS],
  ];
  for (const [name, seed, epochs] of orders) {
    const dataset = await openDataset(path.join(cases.folder, name));
    for (const mode of SHUFFLE_MODES) {
      for (const epoch of epochs) {
        await readOrder(cases, name, dataset, { shuffle: mode, seed, epoch, batchSize: 4096 });
      }
    }
  }
  const dataset = await openDataset(path.join(cases.folder, "lsm-seed"));
  for (const bufferShards of [1, 2, 3, 100]) {
    await readOrder(cases, "lsm-seed", dataset, {
      shuffle: "buffer",
      bufferShards,
      batchSize: 999,
    });
  }
  for (let rank = 0; rank < 3; rank++) {
    const of = { rank, worldSize: 3, batchSize: 1000 };
    await readOrder(cases, "lsm-seed", dataset, { shuffle: "window", seed: 1, epoch: 1, ...of });
  }
}

/** Writes an epoch's rows, as the loader gives them, and notes how it was asked for them. */
async function readOrder(
  { folder, list }: Cases,
  name: Name,
  dataset: Dataset,
  options: BatchOptions,
  more: object = {},
): Promise<void> {
  const file = `rows-${list.length}`;
  await writeRows(path.join(folder, file), dataset.batches(options));
  list.push({ type: "order", dataset: name, file, ...options, ...more });
}

/** The features of all batches, then their targets. */
async function writeRows(file: string, batches: AsyncIterable<Batch>): Promise<void> {
  const x: Float32Array[] = [];
  const y: Float32Array[] = [];
  for await (const batch of batches) {
    x.push(batch.x);
    y.push(batch.y);
  }
  const bytes = [...x, ...y].map((part) =>
    Buffer.from(part.buffer, part.byteOffset, part.byteLength),
  );
  await writeFile(file, Buffer.concat(bytes));
}

async function split(cases: Cases): Promise<void> {
  const splits: [Name, number, number[]][] = [
    ["lsm-row", 42, [0.5, 0.5]],
    ["lsm-seed", LARGEST_SEED, [0.7, 0.2, 0.1]],
    ["sigmoid-ten", 0, [0.25, 0.5]],
    ["lsm-exact", 1, [1e-7, 1 - 1e-7]],
    ["lsm-large", 5, [0.1, 0.9]],
  ];
  for (const [name, seed, fractions] of splits) {
    const dataset = await openDataset(path.join(cases.folder, name));
    const subsets = await dataset.split(fractions, { seed });
    for (const [subset, part] of subsets.entries()) {
      const first = { seed, fractions, subset };
      for (const mode of SHUFFLE_MODES) {
        const options = { shuffle: mode, seed: 3, epoch: 1, batchSize: 1000 };
        await readOrder(cases, name, part, options, { splits: [first] });
      }
      const again = { seed, fractions: [0.5, 0.25] };
      for (const [inner, one] of (await part.split(again.fractions, { seed })).entries()) {
        const options = { shuffle: "none", batchSize: 1000 } as const;
        const of = { splits: [first, { ...again, subset: inner }] };
        await readOrder(cases, name, one, options, of);
      }
    }
  }
}

/** A run in the cases' folder. */
async function trained(
  { folder }: Cases,
  name: string,
  dataset: Dataset,
  options: Omit<TrainOptions, "out">,
): Promise<Run> {
  return train(dataset, { backend: "wasm", ...options, out: path.join(folder, name) });
}

async function initialise(cases: Cases): Promise<void> {
  const networks: [Name, string, number[]][] = [
    ["lsm-seed", "linear", [10, 1]],
    ["lsm-seed", "mlp", [10, 40, 20, 1]],
    ["lsm-large", "mlp:3,2,5", [1, 3, 2, 5, 1]],
  ];
  for (const [name, model, widths] of networks) {
    const dataset = await openDataset(path.join(cases.folder, name));
    for (const init of ["uniform", "glorot", "normal:0.3"]) {
      for (const bias of [false, true]) {
        for (const seed of [0, LARGEST_SEED]) {
          const folder = `run-${cases.list.length}`;
          await trained(cases, folder, dataset, { model, init, bias, seed, epochs: 0 });
          cases.list.push({ type: "weights", folder, widths, init, bias, seed });
        }
      }
    }
  }
}

async function schedule(cases: Cases): Promise<void> {
  const dataset = await openDataset(path.join(cases.folder, "lsm-exact"));
  const common = { learningRate: 0.01, epochs: 7, batchSize: 300, stepSize: 2, gamma: 0.3 };
  const schedules: TrainOptions[] = (["constant", "step", "cosine"] as const).flatMap((name) => [
    { ...common, schedule: name, out: "" },
    { ...common, schedule: name, warmup: 5, out: "" },
    { ...common, schedule: name, warmup: 6, dropLast: true, out: "" },
    { ...common, schedule: name, optimizer: "gradient-descent", out: "" },
  ]);
  // A warm-up that is longer than the training, and one that ends with it.
  for (const warmup of [28, 40]) schedules.push({ ...common, schedule: "cosine", warmup, out: "" });
  for (const options of schedules) {
    const folder = `run-${cases.list.length}`;
    await trained(cases, folder, dataset, { ...options, logEvery: 1 });
    cases.list.push({ type: "schedule", rows: dataset.rows, ...options, folder });
  }
}

/** One step on a few rows that are so small that the 10⁻⁶ beside the gradient's norm counts. */
async function clip(cases: Cases): Promise<void> {
  const rows = [
    [0.001, -0.002, 0.0015],
    [-0.0005, 0.001, 0.002],
    [0.0025, 0.0015, -0.001],
  ];
  const small = rows.map((row) => row.join(",")).join("\n");
  const large = rows.map((row) => row.map((value) => value * 1000).join(",")).join("\n");
  const steps = [
    { text: small, learningRate: 1e5, clipNorm: 1e-6, bias: false },
    { text: small, learningRate: 1e5, clipNorm: 1, bias: false },
    { text: large, learningRate: 0.1, clipNorm: 0.5, bias: true },
    { text: large, learningRate: 0.1, clipNorm: 100, bias: true },
  ];
  for (const { text, ...options } of steps) {
    const folder = `run-${cases.list.length}`;
    const file = path.join(cases.folder, `${folder}.csv`);
    await writeFile(file, `a,b,y\n${text}\n`);
    const table = path.join(cases.folder, `table-${cases.list.length}`);
    await convert(file, { out: table, target: "y" });
    const dataset = await openDataset(table);
    await trained(cases, folder, dataset, { ...options, seed: 1, shuffle: "none" });
    const values = text.split("\n").map((line) => line.split(",").map(Number));
    cases.list.push({ type: "clipping", folder, values, seed: 1, ...options });
  }
}

/** Two steps of a model with two Dropout layers. */
async function dropOut(cases: Cases): Promise<void> {
  const dataset = await openDataset(path.join(cases.folder, "lsm-exact"));
  await chooseBackend("cpu");
  const rates = [0.25, 0.5];
  const model = sequential({
    layers: [
      layers.dropout({ rate: rates[0]!, inputShape: [10] }),
      layers.dense({ units: 4, useBias: false, kernelInitializer: "ones" }),
      layers.dropout({ rate: rates[1]! }),
      layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" }),
    ],
  });
  const options = { learningRate: 0.01, seed: LARGEST_SEED, batchSize: 500 };
  const fixed = { shuffle: "none", backend: "cpu" } as const;
  await trained(cases, "run-dropout", dataset, { model, ...options, ...fixed });
  const about = { dataset: "lsm-exact", folder: "run-dropout", widths: [10, 4, 1], rates };
  cases.list.push({ type: "dropout", ...about, ...options });
}

async function drawLandscapes(cases: Cases): Promise<void> {
  const dataset = await openDataset(path.join(cases.folder, "lsm-seed"));
  const model = { model: "mlp:5,4", bias: true, init: "normal:0.4" };
  const run = await trained(cases, "run-network", dataset, { ...model, seed: 1 });
  const other = await trained(cases, "run-other", dataset, { ...model, seed: 2 });
  const linear = await trained(cases, "run-linear", dataset, { seed: 1 });
  const batches = { batches: "all", batchSize: 1000 } as const;
  const seed = LARGEST_SEED;
  const drawings: [Run, LandscapeOptions][] = [
    [run, { along: "random", points: 21, ...batches }],
    [run, { along: "random", plane: true, points: [5, 4], seed: 0, scale: 0.3, ...batches }],
    [run, { along: "random", plane: true, normalize: "filter", points: 3, seed, ...batches }],
    [run, { along: "random-points", points: 6, endpoint: false, scale: 0.7, seed }],
    [run, { along: `model:${other.dir}`, points: 7, scale: 1.5, batches: 1, batchSize: 1000 }],
    [linear, { along: "random", points: 1001, seed, batches: "all", batchSize: 100 }],
    [linear, { along: "random", plane: true, points: 9, ...batches }],
    [linear, { along: "random", points: 1, batches: 2, batchSize: 1000 }],
  ];
  for (const [of, options] of drawings) {
    const folder = `landscape-${cases.list.length}`;
    await landscape(of, { ...options, keep: "all", out: path.join(cases.folder, folder) });
    const about = { run: path.basename(of.dir), other: path.basename(other.dir), folder };
    cases.list.push({ type: "landscape", ...options, ...about });
  }
}
