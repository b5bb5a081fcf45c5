import { usageError } from "../../common/errors.js";
import type { Command } from "./command.js";
import { COMMON } from "./common.js";
import { readOptions } from "./read-options.js";
import { unknownCommand } from "./refusals.js";
import { unknownVariables } from "./sources.js";
import { splitWords } from "./words.js";

/** What the user asked for. */
export type Invocation =
  | {
      kind: "help";
      /** The command whose help it is; undefined for that of all. */
      command: Command | undefined;
      /** False where there was no command to run, which is an error. */
      wanted: boolean;
    }
  | { kind: "version" }
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
  checkNames(words);
  const split = splitWords(words, line.commands);
  if (split.kind === "version") return split;
  if (split.kind === "help") return { ...split, wanted: true };
  if (split.kind === "none") {
    if (split.word !== undefined) throw unknownCommand(split.word, line.commands);
    return { kind: "help", command: undefined, wanted: false };
  }
  const values = readOptions(split, words, line.environment, line.commands);
  const everyOption = [...line.commands.map(({ options }) => options), COMMON].flatMap(Object.keys);
  // VADI_BROWSER names the browser that draws images; no option does.
  const known = [...everyOption, "browser"];
  return {
    kind: "run",
    command: split.command,
    values,
    json: values["json"] === true,
    quiet: values["quiet"] === true,
    debug: values["debug"] === true,
    notes: unknownVariables(line.environment, known).map(
      (name) => `${name} names no option of vadi and has no effect.`,
    ),
  };
}

/** yargs-parser keeps options in plain objects and stumbles over names that every object has. */
function checkNames(words: readonly string[]): void {
  const inherited = words.find((word) => /^--\w/.test(word) && nameOf(word) in Object.prototype);
  if (inherited !== undefined) throw usageError(`There is no option --${nameOf(inherited)}.`);
}

/** `--name=value` and `--no-name` without all but the name. */
function nameOf(word: string): string {
  return word.replace(/^--(?:no-)?/, "").replace(/=.*$/s, "");
}
