import { readdir } from "node:fs/promises";
import { isFile } from "../../files/folders.js";
import path from "node:path";
import type { Run } from "../../train/index.js";

/** The weights of a run at a step. */
export interface WatchedWeights {
  step: number;
  /** The folder of `model.json` and `weights.bin`. */
  folder: string;
}

/** Where a checkpoint may keep its model, relative to its folder. */
const modelFolders = [".", "model"];

/** The newest weights in a run's folder: the final ones, a checkpoint's, or those saved for its path. */
export async function newestSnapshot(run: Run): Promise<WatchedWeights | undefined> {
  const snapshots = [...finalWeights(run), ...(await savedWeights(run.dir))];
  for (const { step, folder } of snapshots.toSorted((a, b) => b.step - a.step)) {
    for (const name of modelFolders) {
      const model = path.join(folder, name);
      if (await isModel(model)) return { step, folder: model };
    }
  }
  return undefined;
}

function finalWeights({ dir, record: { result, standardize } }: Run): WatchedWeights[] {
  if (!result) return [];
  // If the run standardises, model/ has the standardisation folded in and takes other rows.
  const name = standardize === null ? "model" : "weights";
  return [{ step: result.steps, folder: path.join(dir, name) }];
}

async function savedWeights(dir: string): Promise<WatchedWeights[]> {
  const found: WatchedWeights[] = [];
  for (const kind of ["checkpoints", "path"]) {
    for (const name of await entriesOf(path.join(dir, kind))) {
      const step = /^step-(\d{1,15})$/.exec(name)?.[1];
      if (step !== undefined)
        found.push({ step: Number(step), folder: path.join(dir, kind, name) });
    }
  }
  return found;
}

async function isModel(folder: string): Promise<boolean> {
  return (
    (await isFile(path.join(folder, "model.json"))) &&
    (await isFile(path.join(folder, "weights.bin")))
  );
}

/** The names of the landscapes in a run's folder, in order. */
export async function landscapeNames(run: string): Promise<string[]> {
  const folder = path.join(run, "landscapes");
  const names: string[] = [];
  for (const name of (await entriesOf(folder)).toSorted()) {
    if (!name.startsWith(".") && (await isFile(path.join(folder, name, "landscape.json"))))
      names.push(name);
  }
  return names;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // The folder does not exist yet.
  }
}
