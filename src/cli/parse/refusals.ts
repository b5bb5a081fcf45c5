import { optionFlag } from "../../common/command-line.js";
import { quote } from "../../common/text/quote.js";
import { usageError, type VadiError } from "../../common/errors.js";
import type { Command } from "./command.js";
import { COMMON } from "./common.js";
import { suggest } from "./suggest.js";

/*
 * Errors of command lines that no command can run.
 */

/** A required option or argument is missing. */
export function needs(command: Command, name: string): VadiError {
  const argument = command.positionals[name];
  const { help } = argument ?? command.options[name] ?? { help: name };
  const what = help.charAt(0).toLowerCase() + help.slice(1);
  const written = argument === undefined ? optionFlag(name) : name.toUpperCase();
  return usageError(`vadi ${command.name} needs ${written}: ${what}.`);
}

export function unknownCommand(name: string, commands: readonly Command[]): VadiError {
  const names = commands.map((command) => command.name);
  const near = suggest(name, names);
  const hint = near === undefined ? `the commands are ${names.join(", ")}` : `did you mean ${near}`;
  const end = near === undefined ? "." : "?";
  return usageError(`There is no command ${quote(name)}: ${hint}${end}`);
}

/** @param word the option without its dashes */
export function unknownOption(
  word: string,
  command: Command,
  commands: readonly Command[],
): VadiError {
  const written = word.length === 1 ? `-${word}` : `--${word}`;
  const owners = commands.filter((one) => flagsOf(one.options).includes(word));
  if (owners.length > 0) {
    return usageError(
      `${written} is an option of vadi ${owners.map(({ name }) => name).join(", vadi ")}, not of vadi ${command.name}.`,
    );
  }
  const near = suggest(optionFlag(word).slice(2), flagsOf({ ...command.options, ...COMMON }));
  const hint = near === undefined ? `see vadi ${command.name} --help.` : `did you mean --${near}?`;
  return usageError(`vadi ${command.name} has no option ${written}: ${hint}`);
}

/** The options' names on the command line, without dashes. */
function flagsOf(options: object): string[] {
  return Object.keys(options).map((name) => optionFlag(name).slice(2));
}
