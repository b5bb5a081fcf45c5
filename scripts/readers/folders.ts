import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { convert, writeDataset } from "../../src/storage/index.js";
import {
  certify,
  curvature,
  type CertifyOptions,
  type CurvatureOptions,
} from "../../src/curvature/index.js";
import { landscape, type LandscapeOptions } from "../../src/landscape/index.js";
import { openDataset } from "../../src/stream/index.js";
import { train, type Run, type TrainOptions } from "../../src/train/index.js";

type Training = Omit<TrainOptions, "out">;

const PLAIN: Training = { model: "mlp:5,4", epochs: 3, batchSize: 450, learningRate: 0.2 };

const BIASED: Training = { ...PLAIN, bias: true, epochs: 1, seed: 2 };

const SCALED: Training = {
  model: "mlp:6",
  bias: true,
  optimizer: "momentum",
  learningRate: 0.02,
  batchSize: 64,
  epochs: 4,
  standardize: true,
  validation: 0.2,
  shuffle: "global",
  seed: 7,
};

const ADAM: Training = {
  model: "linear",
  bias: true,
  optimizer: "adam",
  learningRate: 0.01,
  batchSize: 100,
  epochs: 2,
  dropLast: true,
  shuffle: "buffer",
  bufferShards: 2,
};

/**
 * Makes datasets, runs, landscapes, curvatures and certificates for folders/compare.py, and writes folders.json, the last file, which
 * lists them: what is not there, it reads from the folders themselves.
 */
export async function makeFolders(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const at = (name: string): string => path.join(folder, name);
  const data = { kind: "two-layer-sigmoid", rows: 3000, shardRows: 1000, seed: 10 } as const;
  await writeDataset({ ...data, out: at("generated") });
  await writeFile(at("table.csv"), table(1500));
  await convert(at("table.csv"), {
    out: at("table"),
    target: "price",
    categorical: ["town"],
    impute: "median",
    format: "parquet",
    shardRows: 400,
  });
  const trained = async (from: string, name: string, options: Training): Promise<Run> =>
    train(await openDataset(at(from)), { backend: "wasm", logEvery: 1, ...options, out: at(name) });
  const plain = await trained("generated", "run-plain", PLAIN);
  const scaled = await trained("table", "run-scaled", SCALED);
  const biased = await trained("generated", "run-biased", BIASED);
  const adam = await trained("generated", "run-adam", ADAM);
  const landscapes: [Run, string, Omit<LandscapeOptions, "out">][] = [
    [plain, "line", { points: 21, scale: 2, batches: "all", batchSize: 700 }],
    [plain, "plane", { plane: true, points: [5, 4], batches: "all", normalize: "filter" }],
    [scaled, "line-scaled", { points: 15, scale: 0.5, batches: "all", batchSize: 400 }],
    [adam, "line-linear", { points: 9, batches: [0, 2], batchSize: 1000 }],
  ];
  for (const [run, name, options] of landscapes) {
    await landscape(run, { ...options, keep: "all", out: at(name) });
  }
  const common: Omit<CurvatureOptions, "out"> = { vectors: 3, tolerance: 1e-6, density: true };
  const more = { perBatch: true, alongPath: true };
  await curvature(plain, { ...common, ...more, batchSize: 1000, out: at("curvature") });
  await curvature(plain, { ...common, part: "gauss-newton", out: at("gauss-newton") });
  await curvature(scaled, { ...common, batches: 2, batchSize: 500, out: at("curvature-scaled") });
  const certificates: [Run, string, Omit<CertifyOptions, "out">][] = [
    [plain, "certificate", { batches: [0, 3], batchSize: 30, from: -2, to: 1 }],
    [biased, "certificate-biased", { batches: [0, 3], batchSize: 30, from: -2, to: 1 }],
    [scaled, "certificate-scaled", { batchSize: 60, scale: 0.5, seed: 3 }],
    [plain, "certificate-near", { batches: 1, batchSize: 20, scale: 0.001, seed: 5 }],
    [adam, "certificate-linear", { batches: 2, batchSize: 25 }],
  ];
  for (const [run, name, options] of certificates) {
    await certify(run, { ...options, out: at(name) });
  }
  const list = {
    datasets: ["generated", "table"],
    runs: ["run-plain", "run-biased", "run-scaled", "run-adam"],
    landscapes: landscapes.map(([, name]) => name),
    curvatures: ["curvature", "gauss-newton", "curvature-scaled"],
    certificates: certificates.map(([, name]) => name),
  };
  await writeFile(at("folders.json"), JSON.stringify(list));
}

/** A CSV with texts and gaps, whose columns differ in size. */
function table(rows: number): string {
  const lines = ["area,age,town,price"];
  for (let row = 0; row < rows; row++) {
    const area = 40 + ((row * 7919) % 160);
    const age = row % 11 === 3 ? "" : (row * 31) % 90;
    const town = ["Ankara", "Izmir", "Bursa"][(row * 13) % 3]!;
    lines.push(`${area},${age},${town},${1000 * area - 200 * Number(age) + 5000 * (row % 3)}`);
  }
  return `${lines.join("\n")}\n`;
}
