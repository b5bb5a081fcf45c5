import { lstat, mkdir, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode } from "../common/errors.js";

/**
 * Does something in a folder that is made where it is missing. If that throws, the folders that were made for
 * it are removed again, unless something is in them by then.
 *
 * @param refusal the message where the folder cannot be made, given the reason
 * @throws a failure with that message; whatever `use` throws
 */
export async function inNewFolder<Result>(
  folder: string,
  refusal: (reason: string) => string,
  use: () => Promise<Result>,
): Promise<Result> {
  let made: string | undefined;
  try {
    made = await ensureFolder(folder);
  } catch (error) {
    throw failure(refusal(messageOf(error)), error);
  }
  try {
    return await use();
  } catch (error) {
    await removeEmptyFolders(folder, made);
    throw error;
  }
}

/**
 * Removes a folder and those above it up to `first`, as `ensureFolder` returned it, as far as they are empty.
 *
 * @param first undefined: nothing is removed, since all folders were there before
 */
export async function removeEmptyFolders(folder: string, first: string | undefined): Promise<void> {
  if (first === undefined) return;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    // One that is not empty stays, and so do those above it.
    await rmdir(at).catch(() => {});
    if (at === first) return;
  }
}

/**
 * Makes a folder and those above it that are not there. Node's own `mkdir({ recursive: true })` tries for
 * ever, on all of a core, where a folder that is there takes no others and calls them missing: below a
 * link to nothing, and in /proc. A full disk it calls a missing folder.
 *
 * @returns the topmost folder that was made; undefined where all of them were there
 * @throws a system error (with `code`) whose message names what is in the way
 */
export async function ensureFolder(folder: string): Promise<string | undefined> {
  const missing: string[] = [];
  let above = path.resolve(folder);
  while (!(await isThere(above))) {
    missing.unshift(above);
    above = path.dirname(above);
  }
  await checkFolder(above);
  let first: string | undefined;
  try {
    for (const one of missing) {
      if (await makeOne(one)) first ??= one;
    }
  } catch (error) {
    await removeEmptyFolders(folder, first);
    throw error;
  }
  return first;
}

/** Makes a folder in one that is there. Returns false where another process has just made it. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") {
      await checkFolder(folder);
      return false;
    }
    if (systemCode(error) !== "ENOENT") throw error;
    throw systemError("ENOENT", `${path.dirname(folder)} takes no new folders`, error);
  }
}

/** Whether there is anything under a name, a link to nothing too. */
async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

async function checkFolder(file: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(file)).isDirectory();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw systemError("ENOENT", `${file} is a link to nothing`, error);
  }
  if (!isFolder) throw systemError("ENOTDIR", `${file} is not a folder`);
}

function systemError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}
