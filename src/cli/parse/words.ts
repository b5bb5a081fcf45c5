import parse from "yargs-parser";
import { optionFlag } from "../../common/command-line.js";
import { quote } from "../../common/text/quote.js";
import { usageError } from "../../common/errors.js";
import type { Options } from "../../common/options/options.js";
import type { Command } from "./command.js";
import { COMMON } from "./common.js";
import { usageOf } from "./usage.js";

/*
 * Which words of a command line name a command, which an option, which are its value, by yargs-parser. Values
 * stay text here; `read-options.ts` reads them.
 */

/** The values of options and arguments, by the names of the command line; a switch is true or false. */
export type Raw = Record<string, unknown>;

/** What the words of a command line are. */
export type Words =
  | { kind: "version" }
  /** The help of a command, or of all. */
  | { kind: "help"; command: Command | undefined }
  | { kind: "command"; command: Command; raw: Raw }
  /** No command; the first word if there is one. */
  | { kind: "none"; word: string | undefined };

/**
 * Splits a command line into a command, its options and its arguments.
 *
 * @throws a usage error for an option without its value, or an argument too many
 */
export function splitWords(words: readonly string[], commands: readonly Command[]): Words {
  // Switches of every command may stand before the command's name.
  const [name] = split(words, COMMON)._;
  const command = commands.find((one) => one.name === name);
  const { _, help, version, ...raw } = split(words, { ...command?.options, ...COMMON });
  if (name !== undefined && command === undefined) return { kind: "none", word: name };
  if (help === true) return { kind: "help", command };
  if (version === true) return { kind: "version" };
  if (command === undefined) return { kind: "none", word: undefined };
  return { kind: "command", command, raw: { ...raw, ...argumentsOf(command, _.slice(1)) } };
}

interface Split extends Raw {
  /** The words that are neither options nor their values. */
  _: string[];
}

function split(words: readonly string[], options: Options): Split {
  const named = Object.entries(options).map(([name, option]) => ({
    flag: optionFlag(name).slice(2),
    isSwitch: option.kind.isSwitch === true,
  }));
  const switches = named.filter(({ isSwitch }) => isSwitch).map(({ flag }) => flag);
  const valued = named.filter(({ isSwitch }) => !isSwitch).map(({ flag }) => flag);
  const settings: parse.Options & { __: (message: string, flag: string) => string } = {
    boolean: [...switches, "help", "version"],
    // Everything but a switch stays text: the option's own kind reads it.
    string: valued,
    narg: Object.fromEntries(valued.map((flag) => [flag, 1])),
    alias: { help: ["h"] },
    configuration: {
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "strip-aliased": true,
    },
    // Its messages; the types lack it.
    __: (message, flag) =>
      message === "Not enough arguments following: %s" ? `--${flag} needs a value.` : message,
  };
  const { argv, error } = parse.detailed([...words], settings);
  if (error !== null) throw usageError(error.message);
  return { ...argv, _: argv._.map(String) };
}

/** A command's arguments by their names. */
function argumentsOf(command: Command, words: readonly string[]): Raw {
  const left = [...words];
  const found: Raw = {};
  for (const [name, option] of Object.entries(command.positionals)) {
    const taken = left.splice(0, option.many === true ? left.length : 1);
    if (taken.length > 0) found[name] = option.many === true ? taken : taken[0];
  }
  const [extra] = left;
  if (extra === undefined) return found;
  throw usageError(`vadi ${usageOf(command)} does not take the further argument ${quote(extra)}.`);
}
