import { readTable, writeTable, type TableColumn } from "../../storage/index.js";
import type { PredictionSample } from "../types.js";
import { exists } from "../../files/folders.js";

const columns: readonly TableColumn[] = [
  { name: "target", type: "DOUBLE" },
  { name: "prediction", type: "DOUBLE" },
];

/** Writes a run's sample of predictions. */
export async function writePredictionSample(file: string, sample: PredictionSample): Promise<void> {
  await writeTable(file, columns, { ...sample });
}

/** Reads a run's sample of predictions; undefined where it has none. */
export async function readPredictionSample(file: string): Promise<PredictionSample | undefined> {
  if (!exists(file)) return undefined;
  const { target, prediction } = await readTable(file, columns, "the predictions ");
  return { target: Array.from(target!), prediction: Array.from(prediction!) };
}
