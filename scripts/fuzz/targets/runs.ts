import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { train, type Run, type TrainOptions } from "../../../src/train/index.js";

/**
 * A small dataset in a folder, and a run of some steps on it beside it. Its checksums are left only where the name says
 * that it is sealed: they would hide from the readers what has been changed.
 */
export async function writeRun(
  folder: string,
  name: string,
  options: Omit<TrainOptions, "out">,
): Promise<Run> {
  const data = path.join(folder, ".data");
  if (!existsSync(data)) {
    await writeDataset({ kind: "lsm", rows: 200, features: 3, workers: 1, out: data });
  }
  const out = path.join(folder, name);
  const run = await train(await openDataset(data), {
    batchSize: 20,
    checkpointEvery: "5steps",
    learningRate: 0.01,
    ...options,
    out,
  });
  // Many files, which would be copied for each input.
  await rm(path.join(out, "path"), { recursive: true });
  await unseal(out);
  return run;
}

/** Removes the checksums of a result, unless the folder's name says that it is sealed. */
export async function unseal(folder: string): Promise<void> {
  if (!path.basename(folder).startsWith("sealed")) await rm(path.join(folder, "SHA256SUMS"));
}
