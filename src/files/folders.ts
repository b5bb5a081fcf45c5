import { statSync } from "node:fs";
import { lstat, mkdir, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { failure, isAbsent, messageOf, systemCode, type Sentence } from "../common/errors.js";

/**
 * Makes a folder if it does not exist, and calls `use`. If that throws, the folders that were made are removed
 * again, as far as they are empty.
 *
 * @param refusal the error message where the folder cannot be made, given the reason
 * @throws a failure with that message; what `use` throws
 */
export async function inNewFolder<Result>(
  folder: string,
  refusal: (reason: string) => Sentence,
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
 * Removes a folder and those above it, as far as they are empty.
 *
 * @param first the topmost to remove, as `ensureFolder` returned it; undefined: none was made, and none is
 *   removed
 */
export async function removeEmptyFolders(folder: string, first: string | undefined): Promise<void> {
  if (first === undefined) return;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    // A folder that is not empty stays, and so do those above it.
    await rmdir(at).catch(() => {});
    if (at === first) return;
  }
}

/**
 * Makes a folder and those above it that do not exist. Node's own `mkdir({ recursive: true })` loops for ever
 * below a link to nothing and in /proc, where `mkdir` fails with ENOENT although the folder above exists, and
 * it reports a full disk as a missing folder.
 *
 * @returns the topmost folder that was made; undefined where all of them existed
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

/** Makes a folder in one that exists. Returns false where another process has just made it. */
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

/** Whether a file, folder or link of that name exists, also if it links to nothing. */
async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
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

/**
 * Whether there is a file or folder of that name. Node's `existsSync` also says no where it cannot examine what is
 * there, and a job would take it for absent.
 *
 * @throws a failure where it cannot be examined
 */
export function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw failure(`Could not examine ${file}: ${messageOf(error)}.`, error);
  }
}

/**
 * Whether there is a file of that name that is not a folder.
 *
 * @throws a failure where it cannot be examined
 */
export async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw failure(`Could not examine ${file}: ${messageOf(error)}.`, error);
  }
}
