import { messageOf, usageError } from "../../common/errors.js";
import type { Command } from "./command.js";
import { COMMON } from "./common.js";
import { readOptions } from "./read-options.js";
import { unknownCommand } from "./refusals.js";
import { unknownVariables } from "./sources.js";
import { splitWords, type Words } from "./words.js";

/** What the user asked for. */
export type Invocation =
  | {
      kind: "help";
      text: string;
      /** False where there was no command to run, which is an error. */
      wanted: boolean;
    }
  | {
      kind: "run";
      command: Command;
      /** The options that were given, by the library's names. */
      values: Record<string, unknown>;
      json: boolean;
      quiet: boolean;
      debug: boolean;
      /** Things the user should know of before the work starts. */
      notes: string[];
    };

export interface CommandLine {
  commands: readonly Command[];
  version: string;
  /** Width of the terminal. */
  columns: number | undefined;
  environment: NodeJS.ProcessEnv;
}

/**
 * Reads a command line, the environment and the configuration file into a command and the values
 * of its options.
 *
 * @throws {VadiError} A usage error that names the option.
 */
export function readCommandLine(args: readonly string[], line: CommandLine): Invocation {
  // `vadi help train` is what many type first.
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : [...args];
  const split = splitOrRefuse(words, line);
  if (split.kind === "printed") return { kind: "help", text: split.text, wanted: true };
  if (split.kind === "none") {
    const [unknown] = split.words;
    if (unknown !== undefined) throw unknownCommand(unknown, line.commands);
    const help = readCommandLine(["--help"], line);
    return help.kind === "help" ? { ...help, wanted: false } : help;
  }
  const values = readOptions(split, words, line.environment, line.commands);
  const everyOption = [...line.commands.map(({ options }) => options), COMMON].flatMap(Object.keys);
  return {
    kind: "run",
    command: split.command,
    values,
    json: values["json"] === true,
    quiet: values["quiet"] === true,
    debug: values["debug"] === true,
    notes: unknownVariables(line.environment, everyOption).map(
      (name) => `${name} names no option of vadi and has no effect.`,
    ),
  };
}

/** yargs' errors are the user's. */
function splitOrRefuse(words: readonly string[], line: CommandLine): Words {
  // yargs keeps options in plain objects and stumbles over names that every object has.
  const inherited = words.find((word) => /^--\w/.test(word) && nameOf(word) in Object.prototype);
  if (inherited !== undefined) throw usageError(`There is no option --${nameOf(inherited)}.`);
  try {
    return splitWords(words, line);
  } catch (error) {
    throw usageError(`${messageOf(error).replace(/\.$/, "")}.`);
  }
}

/** `--name=value` and `--no-name` without all but the name. */
function nameOf(word: string): string {
  return word.replace(/^--(?:no-)?/, "").replace(/=.*$/s, "");
}
