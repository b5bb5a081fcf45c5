import { lstat, mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "./errors.js";

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
  for (const one of missing) {
    try {
      await mkdir(one);
      first ??= one;
    } catch (error) {
      // Another process may have made it meanwhile.
      if (systemCode(error) === "EEXIST") await checkFolder(one);
      else if (systemCode(error) !== "ENOENT") throw error;
      else throw systemError("ENOENT", `${path.dirname(one)} takes no new folders`, error);
    }
  }
  return first;
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
