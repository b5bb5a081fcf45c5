import { readFile, stat } from "node:fs/promises";
import { z } from "zod/mini";
import english from "zod/v4/locales/en.js";
import { failure, messageOf, systemCode, VadiError } from "../common/errors.js";

// What is wrong with a field, in words.
z.config(english());

/** The most bytes of a text file. A larger one is not vadi's, and is not read into memory. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Reads a JSON file and checks it against a schema.
 *
 * @param what what the file should be, for the error: "a dataset's manifest", …
 * @throws a failure that names the file and the first field that is wrong
 */
export async function readJson<T>(
  file: string,
  schema: z.ZodMiniType<T>,
  what: string,
): Promise<T> {
  let text: string;
  try {
    text = await readText(file, what);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    if (systemCode(error) === "ENOENT")
      throw failure(`There is no file ${file}; it should be ${what}.`, error);
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  return parseJson(text, schema, file, what);
}

/**
 * Reads a text file.
 *
 * @param what what the file should be, for the error
 * @throws a failure where it is too large or not a plain file (a pipe would never end); a system error
 *   where it cannot be read
 */
export async function readText(file: string, what: string): Promise<string> {
  const found = await stat(file);
  if (!found.isFile()) throw failure(`${file} is not a plain file; it should be ${what}.`);
  if (found.size > MOST_BYTES) throw failure(`${file} is too large to be ${what}.`);
  return readFile(file, "utf8");
}

/**
 * Parses the text of a JSON file and checks it against a schema.
 *
 * @throws as `readJson`
 */
export function parseJson<T>(
  text: string,
  schema: z.ZodMiniType<T>,
  file: string,
  what: string,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw failure(`${file} is not ${what}: it is not valid JSON (${messageOf(error)}).`, error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw failure(`${file} is not ${what}: ${firstIssue(parsed.error, "its content")}.`);
}

/**
 * The first field that is wrong, and why.
 *
 * @param whole what to call the value where it is wrong as a whole
 */
export function firstIssue({ issues: [issue] }: z.core.$ZodError, whole: string): string {
  const where = issue === undefined || issue.path.length === 0 ? whole : issue.path.join(".");
  const why = issue?.message ?? "is malformed";
  return `${where}: ${why.replace(/, received undefined$/, ", and it is missing")}`;
}
