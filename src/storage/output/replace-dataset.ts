import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../../common/errors.js";
import { syncFile } from "../../files/atomic.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { LOCK_FILE, lockFolder, lockHolder } from "../../files/lock.js";
import { inspectFolder, type OutputFolder } from "./output-folder.js";

/** Where the datasets that change places are. */
interface Places {
  /** The dataset's folder. Where its name is a link, the link stays, and what it names is replaced. */
  folder: string;
  parent: string;
  /** Where the new dataset is made. */
  beside: string;
  /** Where the old one goes meanwhile. */
  old: string;
}

/** As many links to links as Linux follows. */
const LINKS = 40;

function isLink(place: string): boolean {
  try {
    return lstatSync(place).isSymbolicLink();
  } catch {
    // Whoever opens it says what is wrong.
    return false;
  }
}

function placesOf(out: string): Places {
  let folder = path.resolve(out);
  for (let links = 0; links < LINKS && isLink(folder); links++) {
    folder = path.resolve(path.dirname(folder), readlinkSync(folder));
  }
  const parent = path.dirname(folder);
  const name = path.basename(folder);
  return {
    folder,
    parent,
    beside: path.join(parent, `.${name}.vadi-new`),
    old: path.join(parent, `.${name}.vadi-old`),
  };
}

/** Gives the new dataset, whose folder is locked meanwhile, its name, and removes the old one. */
async function putInPlace({ folder, parent, beside, old }: Places): Promise<void> {
  lockFolder(beside);
  try {
    if (existsSync(folder)) await rename(folder, old);
    await rename(beside, folder);
    // The lock has moved with its folder.
    await rm(path.join(folder, LOCK_FILE), { force: true });
    await syncFile(parent, "r");
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    throw failure(
      `The new dataset is whole, in ${beside}, but cannot take the place of ${folder}: ${messageOf(error)}.`,
      error,
    );
  }
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
  const places = placesOf(spec.out);
  const { folder, beside, old } = places;
  for (const place of [beside, old]) await inspectFolder({ ...spec, out: place });
  const unlock = lockFolder(folder);
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
  await putInPlace(places);
  return written;
}

/** Whether a replacement stands between its two renames, when neither dataset has the name. */
export function isBeingReplaced(out: string): boolean {
  return !existsSync(out) && existsSync(path.join(placesOf(out).old, MANIFEST_FILE));
}

/** What to do about a dataset that `isBeingReplaced`, in a sentence. */
export function whatOfReplacement(out: string): string {
  const { beside } = placesOf(out);
  if (!existsSync(path.join(beside, MANIFEST_FILE))) {
    return `${out} was being replaced when that was killed; the next 'vadi generate' or 'vadi convert' with this --out gives the old dataset its name back.`;
  }
  const holder = lockHolder(beside);
  return holder === undefined
    ? `${out} was being replaced when that was killed; the new dataset is whole, and the next 'vadi generate' or 'vadi convert' with this --out gives it its name.`
    : `${out} is just being replaced by process ${holder}; try again in a moment.`;
}

/**
 * Ends a replacement that was killed between its two renames: the new dataset, which is whole, gets
 * the name. Where it is gone, the old one gets its name back.
 *
 * @throws a failure where another process is replacing the dataset right now
 */
export async function endReplacement(out: string): Promise<void> {
  if (!isBeingReplaced(out)) return;
  const places = placesOf(out);
  const { folder, parent, beside, old } = places;
  if (existsSync(path.join(beside, MANIFEST_FILE))) await putInPlace(places);
  else {
    await rename(old, folder);
    await syncFile(parent, "r");
  }
}
