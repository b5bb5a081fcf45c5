import type { OnProgress } from "../../common/progress.js";
import type { GivenOptions, Options } from "../../common/options/options.js";

/** What a command may use besides its options. */
export interface CommandContext {
  /** Aborted when the user asks to stop. */
  signal: AbortSignal;
  onProgress: OnProgress;
  /** Writes a sentence to stderr that is neither progress nor result, such as a warning. */
  note: (sentence: string) => void;
  /** Prints a result while the command still runs, for one that runs until it is interrupted. */
  announce: (result: CommandResult) => Promise<void>;
  /** All commands, for one that speaks of the others. */
  commands: () => Promise<Command[]>;
}

/** What a command did. */
export interface CommandResult {
  /** The fields of the `--json` document; `seconds` and `peakRssBytes` are added to them. */
  json: object;
  /** Rows that were processed: `rows` in the document. */
  rows?: number;
  /** Rows per second where the library has measured it; default: the rows over all the time. */
  rowsPerSecond?: number;
  /** What a person reads, on stdout. */
  text: string[];
  /** The text is a file for another program: the time that it took is not printed after it. */
  isFile?: true;
  /** Lines of JSON that are the whole result, with `--json` and without. */
  lines?: readonly string[];
  /** What to do next, printed last. */
  next?: string;
  /** Default 0. */
  exitCode?: number;
}

export interface Example {
  command: string;
  describe: string;
}

/** One command of the command line: parse, call the library, print. */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  describe: string;
  /** Positional arguments in their order. */
  positionals: Options;
  options: Options;
  examples: Example[];
  run: (values: Record<string, unknown>, context: CommandContext) => Promise<CommandResult>;
}

interface CommandDeclaration<Positionals extends Options, Declared extends Options> {
  name: string;
  describe: string;
  positionals: Positionals;
  options: Declared;
  examples: Example[];
  /** @param values the options that were given, checked; the library fills in the defaults */
  run: (
    values: GivenOptions<Positionals> & GivenOptions<Declared>,
    context: CommandContext,
  ) => Promise<CommandResult>;
}

/** Ties the types of a command's options to what its `run` gets. */
export function defineCommand<const Positionals extends Options, const Declared extends Options>(
  declaration: CommandDeclaration<Positionals, Declared>,
): Command {
  return {
    ...declaration,
    run: (values, context) =>
      // readOptions() has checked each by its own table.
      declaration.run(values as GivenOptions<Positionals> & GivenOptions<Declared>, context),
  };
}
