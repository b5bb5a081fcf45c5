import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { syncFile } from "./atomic.js";
import { MANIFEST_FILE } from "./file-names.js";
import { LOCK_FILE, lockFolder } from "./lock.js";
import { inspectFolder, type OutputFolder } from "./output-folder.js";

/** Where the new dataset is made, and where the old one goes while they change places. */
function placesBeside(out: string): { parent: string; beside: string; old: string } {
  const parent = path.dirname(out);
  const name = path.basename(out);
  return {
    parent,
    beside: path.join(parent, `.${name}.vadi-new`),
    old: path.join(parent, `.${name}.vadi-old`),
  };
}

/** Gives the new dataset, whose folder is locked meanwhile, its name, and removes the old one. */
async function putInPlace(out: string): Promise<void> {
  const { parent, beside, old } = placesBeside(out);
  lockFolder(beside);
  if (existsSync(out)) await rename(out, old);
  await rename(beside, out);
  // The lock has moved with its folder.
  await rm(path.join(out, LOCK_FILE), { force: true });
  await syncFile(parent, "r");
  await rm(old, { recursive: true, force: true });
}

/**
 * Makes a dataset beside the old one, which stays until the new one is whole.
 *
 * @param make makes the new dataset in a folder
 */
export async function replaceDataset<Written>(
  spec: OutputFolder,
  make: (folder: string) => Promise<Written>,
): Promise<Written> {
  const { beside, old } = placesBeside(spec.out);
  for (const folder of [beside, old]) await inspectFolder({ ...spec, out: folder });
  const unlock = lockFolder(spec.out);
  let written: Written;
  try {
    written = await make(beside);
  } catch (error) {
    // Nobody could go on with it: only --force comes here, which starts again.
    await rm(beside, { recursive: true, force: true });
    throw error;
  } finally {
    unlock();
  }
  await rm(old, { recursive: true, force: true });
  await putInPlace(spec.out);
  return written;
}

/**
 * Ends a replacement that was killed between its two renames, when neither dataset had the name: the
 * new one, which is whole, gets it. Where it is gone, the old one gets its name back.
 *
 * @throws a failure where another process is replacing the dataset right now
 */
export async function endReplacement(out: string): Promise<void> {
  const { parent, beside, old } = placesBeside(out);
  if (existsSync(out) || !existsSync(path.join(old, MANIFEST_FILE))) return;
  if (existsSync(path.join(beside, MANIFEST_FILE))) await putInPlace(out);
  else {
    await rename(old, out);
    await syncFile(parent, "r");
  }
}
