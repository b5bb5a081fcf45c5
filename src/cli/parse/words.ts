import yargs, { type Argv } from "yargs";
import { optionFlag } from "../../common/command-line.js";
import type { Option, Options } from "../../common/options/options.js";
import type { Command, Example } from "./command.js";
import { COMMON } from "./common.js";

/*
 * The command line as yargs sees it: which words name a command, which an option, which are its value.
 * Values stay text here; `read-options.ts` reads them.
 */

/** What yargs found, by the names of the command line; a switch is true or false. */
export type Raw = Record<string, unknown>;

/** What the words of a command line are. */
export type Words =
  | { kind: "printed"; text: string }
  | { kind: "command"; command: Command; raw: Raw }
  | { kind: "none"; words: string[] };

const SOURCES =
  "Every option can also be given as VADI_OPTION_NAME in the environment or in a --config file;\n" +
  "the command line wins over the environment, which wins over the file.";

/** The way from nothing to a report. */
const TOUR: Example[] = [
  { command: "vadi demo", describe: "See everything at work, in a minute and a half" },
  { command: "vadi generate lsm --out data/lsm", describe: "Write a dataset of a million rows" },
  {
    command: "vadi train data/lsm --out runs/first",
    describe: "Train a linear model on it",
  },
  {
    command: "vadi landscape runs/first",
    describe: "Compute the loss around the trained weights, batch by batch",
  },
  { command: "vadi report runs/first --open", describe: "Draw it all into one HTML file" },
];

/**
 * Splits a command line into a command, its options and its arguments, or lays out the help.
 *
 * @throws an Error in a user's words for an option without its value
 */
export function splitWords(
  words: readonly string[],
  line: { commands: readonly Command[]; version: string; columns: number | undefined },
): Words {
  let printed = "";
  let left: string[] = [];
  try {
    buildParser(line).parse([...words], {}, (_error, argv, output) => {
      printed = output;
      left = (argv as { _: string[] })._;
    });
  } catch (error) {
    if (!(error instanceof Chosen)) throw error;
    return { kind: "command", command: error.command, raw: error.raw };
  }
  const [first] = left;
  const isUnknown = first !== undefined && !line.commands.some(({ name }) => name === first);
  return printed === "" || isUnknown
    ? { kind: "none", words: left }
    : { kind: "printed", text: tidy(printed) };
}

/** The help without what yargs says of arguments of which there may be many: nothing to people. */
function tidy(help: string): string {
  return help.replaceAll("[array] [default: []]", "").replaceAll(/ +$/gm, "");
}

/**
 * The command that yargs has found, thrown: after a handler that returns, yargs lays out the command's
 * help, asked for or not, which takes longer than all the rest of its parsing.
 */
class Chosen {
  readonly command: Command;
  readonly raw: Raw;

  constructor(command: Command, raw: Raw) {
    this.command = command;
    this.raw = raw;
  }
}

function buildParser({
  commands,
  version,
  columns,
}: {
  commands: readonly Command[];
  version: string;
  columns: number | undefined;
}): Argv {
  const parser = yargs()
    .scriptName("vadi")
    .locale("en")
    .usage(
      "vadi: train on tables larger than memory, and draw the loss landscape\n\n" +
        `Usage: $0 COMMAND [options]\n\nCommands:\n${listOf(commands)}`,
    )
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .updateStrings({
      "Positionals:": "Arguments:",
      boolean: "switch",
      "Not enough arguments following: %s": "--%s needs a value.",
    })
    .exitProcess(false)
    .fail(false)
    .wrap(Math.min(columns ?? 100, 110))
    .version(version)
    .describe("version", "Show the version")
    .help()
    .alias("help", "h")
    .describe("help", "Show this help")
    .epilog(epilogOf(TOUR));
  declareOptions(parser, COMMON, "Every command:");
  parser.group(["help", "version"], "Every command:");
  for (const command of commands) {
    parser.command(
      // Which arguments must be given, `read-options.ts` checks in its own words.
      [command.name, ...Object.entries(command.positionals).map(bracketed)].join(" "),
      // The list of commands is above, with the arguments that must be given.
      false,
      (inner) =>
        declare(
          inner.usage(`${command.describe}\n\nUsage: $0 ${usageOf(command)} [options]`),
          command,
        ),
      (raw) => {
        throw new Chosen(command, raw);
      },
    );
  }
  return parser;
}

/** The commands, each with its arguments and what it does. */
function listOf(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => usageOf(command).length));
  return commands
    .map((command) => `vadi ${usageOf(command).padEnd(width)}  ${command.describe}`)
    .join("\n");
}

/** A command with its arguments: `train <dataset>`. */
export function usageOf(command: Command): string {
  const words = Object.entries(command.positionals).map(([name, option]) =>
    option.required === true ? `<${dotted(name, option)}>` : bracketed([name, option]),
  );
  return [command.name, ...words].join(" ");
}

function bracketed([name, option]: [string, Option]): string {
  return `[${dotted(name, option)}]`;
}

function dotted(name: string, option: Option): string {
  return option.many === true ? `${name}..` : name;
}

function declare(parser: Argv, command: Command): Argv {
  for (const [name, option] of Object.entries(command.positionals)) {
    parser.positional(name, { describe: option.help, ...defaultOf(option) });
  }
  declareOptions(parser, command.options, "Options:");
  return parser.epilog(epilogOf(command.examples));
}

function declareOptions(parser: Argv, options: Options, group: string): void {
  for (const [name, option] of Object.entries(options)) {
    parser.option(optionFlag(name).slice(2), {
      describe: option.required === true ? `${option.help} (required)` : option.help,
      group,
      ...defaultOf(option),
      // Everything but a switch stays text: the option's own kind reads it.
      ...(option.kind.isSwitch === true ? { boolean: true } : { nargs: 1 }),
    });
  }
}

/** What the help says of an option that is left out. */
function defaultOf(option: Option): { defaultDescription?: string } {
  const { kind, defaultText } = option;
  if (defaultText !== undefined) return { defaultDescription: defaultText };
  return option.default === undefined ? {} : { defaultDescription: kind.print(option.default) };
}

/** Examples, each under what it does: long command lines would not fit into columns. */
function epilogOf(examples: readonly Example[]): string {
  const lines = examples.map(({ command, describe }) => `  # ${describe}\n  ${command}\n`);
  return `Examples:\n${lines.join("\n")}\n${SOURCES}`;
}
