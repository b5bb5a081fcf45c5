import { readFileSync, statSync } from "node:fs";
import { quote } from "../../common/text/quote.js";
import { messageOf, systemCode, usageError } from "../../common/errors.js";
import { optionFlag, optionName } from "../../common/command-line.js";
import type { Options } from "../../common/options/options.js";
import { suggest } from "./suggest.js";

/*
 * Where options come from besides the command line: the environment and a configuration file.
 * yargs could read both, but it takes VADI_FORCE=1 for "false" without a word and rejects variables
 * that belong to another command, so they are read here, and the error can say which it was.
 */

/** Texts given for options, by the library's names, and what to call each in an error. */
export type Given = Map<string, { texts: string[]; origin: string }>;

const PREFIX = "VADI_";

/** A configuration is written by hand; anything larger is another file named by mistake. */
const LARGEST_CONFIG = 1024 * 1024;

/** The environment's name of an option: `VADI_BATCH_SIZE` for `batchSize`. */
function variableOf(option: string): string {
  return PREFIX + optionFlag(option).slice(2).toUpperCase().replaceAll("-", "_");
}

/** The variables VADI_OPTION_NAME that name options. An empty one counts as not set. */
export function fromEnvironment(environment: NodeJS.ProcessEnv, options: Options): Given {
  const found: Given = new Map();
  for (const name of Object.keys(options)) {
    const text = environment[variableOf(name)];
    if (text) found.set(name, { texts: [text], origin: variableOf(name) });
  }
  return found;
}

/** Variables that start with VADI_ and name no option of any command: most likely misspelt. */
export function unknownVariables(
  environment: NodeJS.ProcessEnv,
  options: readonly string[],
): string[] {
  const known = new Set(options.map(variableOf));
  return Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !known.has(name));
}

function readJson(file: string): unknown {
  try {
    if (statSync(file).size > LARGEST_CONFIG) {
      throw usageError(`--config: ${file} is larger than 1 MiB and cannot be a configuration.`);
    }
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw usageError(`--config: ${file} is not valid JSON: ${messageOf(error)}.`);
    }
    if (systemCode(error) === undefined) throw error;
    if (systemCode(error) === "ENOENT") throw usageError(`--config: there is no file ${file}.`);
    throw usageError(`--config: ${file} cannot be read: ${messageOf(error)}.`);
  }
}

/** A JSON value as it would be written on the command line; undefined where it cannot be. */
function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

function asTexts(value: unknown, many: boolean): string[] | undefined {
  const texts = (Array.isArray(value) ? value : [value]).map(asText);
  if (!texts.every((one) => one !== undefined)) return undefined;
  // A list for an option that takes one text is what one would write with commas: batches [0, 3].
  return many ? texts : [texts.join(",")];
}

/**
 * Reads a JSON object of options, named as on the command line or in camelCase.
 *
 * @throws {VadiError} A usage error where the file cannot be read, is no object, or names an option
 *   that the command does not have.
 */
export function fromConfig(file: string, options: Options): Given {
  const config = readJson(file);
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw usageError(`--config: ${file} must hold a JSON object of options, such as {"seed": 42}.`);
  }
  const found: Given = new Map();
  for (const [key, value] of Object.entries(config)) {
    const name = optionName(key);
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    const origin = `${quote(key)} in ${file}`;
    if (option === undefined || name === "config") {
      const near = suggest(
        name,
        Object.keys(options).map((one) => optionFlag(one).slice(2)),
      );
      const hint = near === undefined ? "" : ` Did you mean ${quote(near)}?`;
      throw usageError(`${origin} is no option of this command.${hint}`);
    }
    const texts = asTexts(value, option.many === true);
    if (texts === undefined) {
      throw usageError(`${origin} must be a text, a number, true or false, or a list of them.`);
    }
    found.set(name, { texts, origin });
  }
  return found;
}
