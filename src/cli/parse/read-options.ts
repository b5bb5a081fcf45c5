import { optionFlag } from "../../common/command-line.js";
import { usageError } from "../../common/errors.js";
import { checkValue, type Option, type Options } from "../../common/options/options.js";
import type { Command } from "./command.js";
import { COMMON } from "./common.js";
import { needs, unknownOption } from "./refusals.js";
import { fromConfig, fromEnvironment, type Given } from "./sources.js";
import type { Raw } from "./words.js";

/**
 * Reads a command's options from the command line, the environment and the configuration file. The
 * command line wins over the environment, which wins over the file.
 *
 * @returns the values that were given, by the library's names
 * @throws {VadiError} A usage error that names the option.
 */
export function readOptions(
  { command, raw }: { command: Command; raw: Raw },
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  commands: readonly Command[],
): Record<string, unknown> {
  const options: Options = { ...command.options, ...COMMON };
  const typed = fromCommandLine(raw, words, command, commands);
  const variables = fromEnvironment(environment, options);
  const file = (typed.get("config") ?? variables.get("config"))?.texts[0];
  const config: Given = file === undefined ? new Map() : fromConfig(file, options);
  const given: Given = new Map([...config, ...variables, ...typed]);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries({ ...command.positionals, ...options })) {
    const found = given.get(name);
    if (found !== undefined) values[name] = readTexts(option, found.texts, found.origin);
    else if (option.required === true) throw needs(command, name);
  }
  return values;
}

/** The options and arguments that the command line names. */
function fromCommandLine(
  raw: Raw,
  words: readonly string[],
  command: Command,
  commands: readonly Command[],
): Given {
  const options: Options = { ...command.options, ...COMMON };
  const names = new Map(Object.keys(options).map((name) => [optionFlag(name).slice(2), name]));
  const found: Given = new Map();
  for (const [word, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const isPositional = Object.hasOwn(command.positionals, word);
    const name = isPositional ? word : names.get(word);
    const option = isPositional ? command.positionals[word] : options[name ?? ""];
    if (name === undefined || option === undefined) throw unknownOption(word, command, commands);
    const origin = isPositional ? word.toUpperCase() : `--${word}`;
    if (typeof value === "boolean" && option.kind.isSwitch !== true) {
      throw usageError(`${origin} needs a value.`);
    }
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    // Of an option that is given twice the last one counts.
    const counted = option.many === true ? texts : texts.slice(-1);
    if (counted.length > 0) found.set(name, { texts: counted, origin });
  }
  // yargs-parser takes any text after `--switch=` but "true" for false.
  for (const word of words.slice(0, words.includes("--") ? words.indexOf("--") : undefined)) {
    const [, flag = "", text = ""] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    const name = names.get(flag);
    if (name !== undefined && options[name]?.kind.isSwitch === true) {
      found.set(name, { texts: [text], origin: `--${flag}` });
    }
  }
  return found;
}

/** @param origin how the texts were given, for the error: `--rows`, `VADI_ROWS` */
function readTexts(option: Option, texts: readonly string[], origin: string): unknown {
  const read = (one: string): unknown =>
    checkValue(option.kind, option.kind.parse(one, origin), origin, one);
  if (option.many === true) return texts.map(read);
  const [first, ...more] = texts;
  if (first === undefined) throw usageError(`${origin} needs a value.`);
  if (more.length > 0) throw usageError(`${origin} takes one value, not ${texts.length}.`);
  return read(first);
}
