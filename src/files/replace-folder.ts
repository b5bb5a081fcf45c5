import { lstatSync, readlinkSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../common/errors.js";
import { syncFolder } from "./system/flush.js";
import { LOCK_FILE, lockHolder } from "./lock.js";
import { checkOutputFolder, lockForOutput, outputError, type OutputKind } from "./output-folder.js";
import { exists } from "./folders.js";

/** The folders of a replacement. */
interface Paths {
  /** The folder to replace. Where its name is a link, the link stays, and the folder that it names is replaced. */
  folder: string;
  parent: string;
  /** Where the new content is made. */
  fresh: string;
  /** Where the old content is between the two renames. */
  old: string;
}

/** As many links to links as Linux follows. */
const MOST_LINKS = 40;

/**
 * Replaces the content of an output folder atomically: `make` makes the new content in a folder beside the old
 * one, and the two are renamed once it is complete. If `make` fails, the old content stays.
 *
 * @throws as `checkOutputFolder` where other files are in the way; what `make` throws; a failure where the renames fail
 */
export async function replaceFolder<Result>(
  out: string,
  kind: OutputKind,
  make: (folder: string) => Promise<Result>,
): Promise<Result> {
  const paths = pathsOf(out);
  const { folder, fresh, old } = paths;
  for (const place of [fresh, old]) await checkOutputFolder(place, kind, { force: true });
  const unlock = lockForOutput(folder, out, kind);
  let result: Result;
  try {
    result = await make(fresh);
  } catch (error) {
    // A replacement cannot be resumed.
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    throw error;
  } finally {
    unlock();
  }
  await exchange(paths, kind);
  return result;
}

/** Renames the old folder away and the new one into its place, then removes the old one. */
async function exchange({ folder, parent, fresh, old }: Paths, kind: OutputKind): Promise<void> {
  const unlock = lockForOutput(fresh, folder, kind);
  try {
    if (exists(folder)) {
      await rm(old, { recursive: true, force: true });
      await rename(folder, old);
    }
    await rename(fresh, folder);
    // The lock has moved with its folder.
    await rm(path.join(folder, LOCK_FILE), { force: true });
    await syncFolder(parent);
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    // Only where it still is: from its new name it has been removed, or will be taken over.
    if (exists(fresh)) unlock();
    throw failure(
      `${fresh} is complete, but could not be renamed to ${folder}: ${messageOf(error)}.`,
      error,
    );
  }
}

/** What there is of a folder whose replacement is between its two renames, when nothing has its name. */
export interface InterruptedReplacement {
  /** Whether the new content is complete, beside the old one. */
  isNewComplete: boolean;
  /** The process that is about to rename the new content; undefined where it was killed. */
  process: number | undefined;
}

/** Whether a replacement of a folder is between its two renames; undefined where it is not. */
export function interruptedReplacement(
  out: string,
  { marker }: OutputKind,
): InterruptedReplacement | undefined {
  const { fresh, old } = pathsOf(out);
  if (exists(out) || !exists(path.join(old, marker))) return undefined;
  const isNewComplete = exists(path.join(fresh, marker));
  return { isNewComplete, process: isNewComplete ? lockHolder(fresh) : undefined };
}

/**
 * Ends a replacement that was killed between its two renames: the new content gets the folder's name, or the
 * old one gets it back where there is no complete new one.
 *
 * @throws a failure where another process is replacing the folder now
 */
export async function finishReplacement(out: string, kind: OutputKind): Promise<void> {
  const found = interruptedReplacement(out, kind);
  if (found === undefined) return;
  const paths = pathsOf(out);
  if (found.isNewComplete) await exchange(paths, kind);
  else {
    try {
      await rename(paths.old, paths.folder);
      await syncFolder(paths.parent);
    } catch (error) {
      throw outputError(out, kind, error);
    }
  }
}

function pathsOf(out: string): Paths {
  let folder = path.resolve(out);
  for (let links = 0; links < MOST_LINKS && isLink(folder); links++) {
    folder = path.resolve(path.dirname(folder), readlinkSync(folder));
  }
  const parent = path.dirname(folder);
  const name = path.basename(folder);
  return {
    folder,
    parent,
    fresh: path.join(parent, `.${name}.vadi-new`),
    old: path.join(parent, `.${name}.vadi-old`),
  };
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    // Whoever opens the file reports the error.
    return false;
  }
}
