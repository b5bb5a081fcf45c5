import yargs, { type Argv } from "yargs";
import { optionFlag } from "../../common/command-line.js";
import type { Option, Options } from "../../common/options/options.js";
import type { Command, Example } from "./command.js";
import { COMMON } from "./common.js";
import { HELP_COLUMNS } from "./prepared.js";
import { bracketed, usageOf } from "./usage.js";

/*
 * The help, laid out by yargs from the tables of options.
 */

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
 * The help of a command, or of all.
 *
 * @param commands all commands
 * @param columns width of the terminal; undefined where there is none
 */
export async function layOutHelp(
  commands: readonly Command[],
  command: Command | undefined,
  columns: number | undefined,
): Promise<string> {
  const words = command === undefined ? ["--help"] : [command.name, "--help"];
  const help = await new Promise<string>((resolve) => {
    void buildParser(commands, columns).parse(words, {}, (_error, _argv, output) =>
      resolve(output),
    );
  });
  return tidy(help);
}

/** The help without what yargs says of arguments of which there may be many: nothing to people. */
function tidy(help: string): string {
  return help.replaceAll("[array] [default: []]", "").replaceAll(/ +$/gm, "");
}

function buildParser(commands: readonly Command[], columns: number | undefined): Argv {
  const parser = yargs()
    .scriptName("vadi")
    .locale("en")
    .usage(
      "vadi: train on tables larger than memory, and draw the loss landscape\n\n" +
        `Usage: $0 COMMAND [options]\n\nCommands:\n${listOf(commands)}`,
    )
    .parserConfiguration({ "camel-case-expansion": false })
    .updateStrings({
      "Positionals:": "Arguments:",
      boolean: "switch",
    })
    .exitProcess(false)
    .fail(false)
    .wrap(Math.min(columns ?? HELP_COLUMNS, HELP_COLUMNS))
    .version("")
    .describe("version", "Show the version")
    .help()
    .alias("help", "h")
    .describe("help", "Show this help")
    .epilog(epilogOf(TOUR));
  declareOptions(parser, COMMON, "Every command:");
  parser.group(["help", "version"], "Every command:");
  for (const command of commands) {
    parser.command(
      [command.name, ...Object.entries(command.positionals).map(bracketed)].join(" "),
      // The list of commands is above, with the arguments that must be given.
      false,
      (inner) =>
        declare(
          inner.usage(`${command.describe}\n\nUsage: $0 ${usageOf(command)} [options]`),
          command,
        ),
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
