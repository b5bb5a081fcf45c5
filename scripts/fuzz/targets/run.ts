import path from "node:path";
import { isDense, parametersOf, type Network } from "../../../src/model/index.js";
import { report } from "../../../src/report/index.js";
import { listRuns, openRun } from "../../../src/train/index.js";
import { newestCheckpoint } from "../../../src/train/run/checkpoint.js";
import type { Sample, Target } from "../target.js";
import { writeRun } from "./runs.js";

function numbersOf(network: Network): number[][] {
  return parametersOf(network).map(({ values }) => Array.from(values));
}

/** Reads all that a run's folder holds. */
async function read(folder: string): Promise<string> {
  const { record, history, predictions, weights, warnings } = await openRun(folder);
  const network = await weights();
  const checkpoint = await newestCheckpoint(path.join(folder, "checkpoints"), 99, () => true);
  const found = [
    { ...record, command: "", dataset: { ...record.dataset, path: "" } },
    warnings,
    await history(),
    await predictions(),
    [isDense(network), numbersOf(network)],
    checkpoint && { ...checkpoint, network: numbersOf(checkpoint.network) },
    (await listRuns(folder)).length,
  ];
  return JSON.stringify(found);
}

/** Draws a run whose folder may be damaged. */
async function draw(folder: string): Promise<string> {
  await report([folder], { out: path.join(folder, "report.html") });
  return "drawn";
}

const files = ["run.json", "run.json", "history.jsonl"];

/** What a sealed run's checksums are of. */
const sealed = [
  "run.json",
  "history.jsonl",
  "history.parquet",
  "model/model.json",
  "model/weights.bin",
  "weights/weights.bin",
  "predictions.parquet",
];

const sample: Sample = {
  files: [...files, "checkpoints/step-20/state.json", "checkpoints/step-20/slots.bin"],
  read,
};

export const target: Target = {
  async write(folder) {
    for (const name of ["linear", "drawn-linear"]) {
      await writeRun(folder, name, { model: "linear", optimizer: "sgd", epochs: 2 });
    }
    for (const name of ["mlp", "drawn-mlp", "sealed-mlp"]) {
      const options = { validation: 0.2, patience: 2, standardize: true, epochs: 3 };
      await writeRun(folder, name, { model: "mlp:4", optimizer: "adam", ...options });
    }
  },
  samples: {
    linear: sample,
    mlp: { ...sample, files: [...sample.files, "weights/model.json", "predictions.parquet"] },
    "sealed-mlp": { files: ["SHA256SUMS", ...sealed], read, checked: sealed },
    "drawn-linear": { files, read: draw },
    "drawn-mlp": { files: [...files, "model/model.json", "predictions.parquet"], read: draw },
  },
};
