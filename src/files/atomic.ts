import { closeSync, fsyncSync, openSync } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { failure, messageOf, systemCode, VadiError } from "../common/errors.js";

/** Ending of a file that is still being written. */
export const TEMPORARY_SUFFIX = ".tmp";

/** Larger JSON files than this are not vadi's, whatever they say. */
const JSON_BYTES = 512 * 1024 * 1024;

/** Puts a folder's entries (a rename, say) on disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts a file's content, or with the flags `r` a folder's entries, on disk; other work goes on meanwhile. */
export async function syncFile(file: string, flags: "r" | "r+" = "r+"): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a file that appears under its name only when it is whole and on disk: temporary name, fsync,
 * rename, fsync of the folder. What `write` throws is thrown, and nothing is left behind then.
 *
 * @param write writes the whole content under the temporary name
 */
export async function placeWhole<Result>(
  file: string,
  write: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const temporary = `${file}${TEMPORARY_SUFFIX}`;
  try {
    const result = await write(temporary);
    await syncFile(temporary);
    await rename(temporary, file);
    await syncFile(path.dirname(file), "r");
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a file whole or not at all, as `placeWhole` does.
 *
 * @throws a failure that names the file
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await placeWhole(file, (temporary) => writeFile(temporary, data));
  } catch (error) {
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  }
}

/**
 * Reads a whole text file of a reasonable size.
 *
 * @param what what the file should be, for the error
 * @throws a failure where it is too large or something else than a file (a pipe would never end); a
 *   system error where it cannot be read
 */
export async function readText(file: string, what: string): Promise<string> {
  const found = await stat(file);
  if (!found.isFile()) throw failure(`${file} is not a plain file: expected ${what}.`);
  if (found.size > JSON_BYTES) throw failure(`${file} is too large to be ${what}.`);
  return readFile(file, "utf8");
}

/**
 * Reads a JSON file of a given form.
 *
 * @param what what the file should be, for the error: "a dataset's manifest", …
 * @throws a failure that names the file and the first field that is wrong
 */
export async function readJson<T>(file: string, schema: z.ZodType<T>, what: string): Promise<T> {
  let text: string;
  try {
    text = await readText(file, what);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    if (systemCode(error) === "ENOENT")
      throw failure(`There is no ${file}: expected ${what}.`, error);
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  return parseJson(text, schema, file, what);
}

/** As `readJson`, for text that has been read already. */
export function parseJson<T>(text: string, schema: z.ZodType<T>, file: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw failure(`${file} is not ${what}: it is not valid JSON (${messageOf(error)}).`, error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where =
    issue === undefined || issue.path.length === 0 ? "its content" : issue.path.join(".");
  throw failure(`${file} is not ${what}: ${where}: ${issue?.message ?? "is malformed"}.`);
}
