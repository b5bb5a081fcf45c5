import yargs, { type Argv } from "yargs";
import { quote } from "../../common/text/quote.js";
import { messageOf, usageError, type VadiError } from "../../common/errors.js";
import type { Command, Example } from "./command.js";
import { flag, optional, text, type Option, type Options } from "./options.js";
import { fromConfig, fromEnvironment, unknownVariables, type Given } from "./sources.js";
import { suggest } from "./suggest.js";

/** The options that every command has. */
const COMMON: Options = {
  json: flag("Print one JSON document on stdout and nothing else there"),
  quiet: flag("No progress, no notes"),
  debug: flag("Print the stack of an error"),
  config: optional(text, "Read options from a JSON file"),
};

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
      values: Record<string, unknown>;
      given: ReadonlySet<string>;
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

/** What yargs found on the command line, as text; a switch is true or false. */
type Raw = Record<string, unknown>;

function usageOf(command: Command): string {
  const words = Object.entries(command.positionals).map(([name, option]) => {
    const word = option.many ? `${name}..` : name;
    return option.required ? `<${word}>` : `[${word}]`;
  });
  return [command.name, ...words].join(" ");
}

function declare(parser: Argv, command: Command): Argv {
  for (const [name, option] of Object.entries(command.positionals)) {
    const { defaultText } = option;
    parser.positional(name, {
      describe: option.describe,
      ...(defaultText !== undefined && { defaultDescription: defaultText }),
    });
  }
  declareOptions(parser, command.options, "Options:");
  return parser.epilog(epilogOf(command.examples));
}

/** Examples, each under what it does: long command lines would not fit into columns. */
function epilogOf(examples: readonly Example[]): string {
  const lines = examples.map(({ command, describe }) => `  # ${describe}\n  ${command}\n`);
  return `Examples:\n${lines.join("\n")}\n${SOURCES}`;
}

function declareOptions(parser: Argv, options: Options, group: string): void {
  for (const [name, option] of Object.entries(options)) {
    parser.option(name, {
      describe: option.required ? `${option.describe} (required)` : option.describe,
      group,
      ...(option.defaultText !== undefined && { defaultDescription: option.defaultText }),
      // Everything but a switch stays text: the option's own parser reads it.
      ...(option.isSwitch ? { boolean: true } : { nargs: 1 }),
    });
  }
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

function buildParser(line: CommandLine): Argv {
  const parser = yargs()
    .scriptName("vadi")
    .locale("en")
    .usage(
      "vadi: tables larger than memory, streamed into SGD, and the loss landscape it walked through\n\n" +
        "Usage: $0 COMMAND [options]",
    )
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .updateStrings({ "Positionals:": "Arguments:", boolean: "switch" })
    .exitProcess(false)
    .fail(false)
    .wrap(Math.min(line.columns ?? 100, 110))
    .version(line.version)
    .describe("version", "Show the version")
    .help()
    .alias("help", "h")
    .describe("help", "Show this help")
    .epilog(epilogOf(TOUR));
  declareOptions(parser, COMMON, "Every command:");
  parser.group(["help", "version"], "Every command:");
  for (const command of line.commands) {
    parser.command(
      usageOf(command),
      command.describe,
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

/** What yargs says of arguments of which there may be many, without what means nothing to people. */
function tidy(help: string): string {
  return help.replaceAll("[array] [required] [default: []]", (marks) =>
    "[required]".padStart(marks.length),
  );
}

/** yargs' words for what it rejects by itself, as sentences. */
function translate(
  error: unknown,
  args: readonly string[],
  commands: readonly Command[],
): VadiError {
  const message = messageOf(error);
  const value = /^Not enough arguments following: (.+)$/.exec(message);
  if (value !== null) return usageError(`--${value[1]} needs a value.`);
  const missing = /^Not enough non-option arguments: got (\d+)/.exec(message);
  const command = commands.find((one) => args.includes(one.name));
  if (missing !== null && command !== undefined) {
    const [name, option] = Object.entries(command.positionals)[Number(missing[1])] ?? [];
    if (name !== undefined && option !== undefined) {
      return usageError(needs(command, name.toUpperCase(), option));
    }
  }
  return usageError(`${message.replace(/\.$/, "")}.`);
}

function needs(command: Command, name: string, option: Option<unknown>): string {
  const what = option.describe.charAt(0).toLowerCase() + option.describe.slice(1);
  return `vadi ${command.name} needs ${name}: ${what}.`;
}

function unknownCommand(name: string, commands: readonly Command[]): VadiError {
  const names = commands.map((command) => command.name);
  const near = suggest(name, names);
  const hint = near === undefined ? `the commands are ${names.join(", ")}` : `did you mean ${near}`;
  const end = near === undefined ? "." : "?";
  return usageError(`There is no command ${quote(name)}: ${hint}${end}`);
}

function unknownOption(name: string, command: Command, commands: readonly Command[]): VadiError {
  const written = name.length === 1 ? `-${name}` : `--${name}`;
  const owners = commands.filter((one) => Object.hasOwn(one.options, name)).map((one) => one.name);
  const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const near = suggest(kebab, Object.keys({ ...command.options, ...COMMON }));
  if (owners.length > 0) {
    return usageError(
      `${written} is an option of vadi ${owners.join(", vadi ")}, not of vadi ${command.name}.`,
    );
  }
  const hint = near === undefined ? `see vadi ${command.name} --help.` : `did you mean --${near}?`;
  return usageError(`vadi ${command.name} has no option ${written}: ${hint}`);
}

function fromCommandLine(
  raw: Raw,
  args: readonly string[],
  command: Command,
  commands: readonly Command[],
): Given {
  const options: Options = { ...command.positionals, ...command.options, ...COMMON };
  const found: Given = new Map();
  const ignored = new Set(["_", "$0", "help", "h", "version"]);
  for (const [name, value] of Object.entries(raw)) {
    if (ignored.has(name) || value === undefined) continue;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw unknownOption(name, command, commands);
    const origin = Object.hasOwn(command.positionals, name) ? name.toUpperCase() : `--${name}`;
    if (typeof value === "boolean" && !option.isSwitch)
      throw usageError(`${origin} needs a value.`);
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    // Of an option that is given twice the last one counts.
    const counted = option.many ? texts : texts.slice(-1);
    if (counted.length > 0) found.set(name, { texts: counted, origin });
  }
  const [, extra] = raw["_"] as string[];
  if (extra !== undefined) {
    throw usageError(
      `vadi ${usageOf(command)} does not take the further argument ${quote(extra)}.`,
    );
  }
  // yargs takes any text after `--switch=` but "true" for false.
  for (const arg of args.slice(0, args.includes("--") ? args.indexOf("--") : undefined)) {
    const [, name = "", given = ""] = /^--([^=]+)=(.*)$/s.exec(arg) ?? [];
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option?.isSwitch) found.set(name, { texts: [given], origin: `--${name}` });
  }
  return found;
}

function readValue(name: string, option: Option<unknown>, given: Given, command: Command): unknown {
  const found = given.get(name);
  if (found !== undefined) return option.parse(found.texts, found.origin);
  if (option.required) {
    throw usageError(needs(command, `--${name}`, option));
  }
  return option.fallback();
}

/** `--name=value` and `--no-name` without all but the name. */
function nameOf(word: string): string {
  return word.replace(/^--(?:no-)?/, "").replace(/=.*$/s, "");
}

/**
 * Reads a command line, the environment and the configuration file into a command and the values
 * of its options. The command line wins over the environment, which wins over the file, which wins
 * over the defaults.
 *
 * @throws {VadiError} A usage error that names the option.
 */
export function readCommandLine(args: readonly string[], line: CommandLine): Invocation {
  // `vadi help train` is what many type first.
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : [...args];
  let chosen: Chosen | undefined;
  let printed = "";
  let left: string[] = [];
  const parser = buildParser(line);
  // yargs keeps options in plain objects and stumbles over names that every object has.
  const inherited = words.find((word) => /^--\w/.test(word) && nameOf(word) in Object.prototype);
  if (inherited !== undefined) throw usageError(`There is no option --${nameOf(inherited)}.`);
  try {
    parser.parse(words, {}, (_error, argv, output) => {
      printed = output;
      left = (argv as { _: string[] })._;
    });
  } catch (error) {
    if (!(error instanceof Chosen)) throw translate(error, words, line.commands);
    chosen = error;
  }
  const [unknown] = left;
  if (chosen === undefined && unknown !== undefined) {
    const known = line.commands.some((command) => command.name === unknown);
    if (!known) throw unknownCommand(unknown, line.commands);
  }
  if (printed !== "") return { kind: "help", text: tidy(printed), wanted: true };
  if (chosen === undefined) {
    const help = readCommandLine(["--help"], line);
    return help.kind === "help" ? { ...help, wanted: false } : help;
  }

  const { command, raw } = chosen;
  const options: Options = { ...command.options, ...COMMON };
  const typed = fromCommandLine(raw, words, command, line.commands);
  const environment = fromEnvironment(line.environment, options);
  const file = (typed.get("config") ?? environment.get("config"))?.texts[0];
  const config: Given = file === undefined ? new Map() : fromConfig(file, options);
  const given: Given = new Map([...config, ...environment, ...typed]);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries({ ...command.positionals, ...options })) {
    values[name] = readValue(name, option, given, command);
  }
  const everyOption = line.commands.flatMap((one) => Object.keys(one.options));
  return {
    kind: "run",
    command,
    values,
    given: new Set(given.keys()),
    json: values["json"] === true,
    quiet: values["quiet"] === true,
    debug: values["debug"] === true,
    notes: unknownVariables(line.environment, [...everyOption, ...Object.keys(COMMON)]).map(
      (name) => `${name} names no option of vadi and has no effect.`,
    ),
  };
}
