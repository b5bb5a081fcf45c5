import { formatCount } from "../common/text/numbers.js";
import { formatBytes } from "../common/text/sizes.js";
import { formatSeconds } from "../common/text/times.js";
import { optionFlag } from "../common/command-line.js";
import {
  interruption,
  messageOf,
  printable,
  say,
  systemCode,
  VadiError,
} from "../common/errors.js";
import { VERSION } from "../common/version.js";
import { peakRssBytes } from "../common/process/memory.js";
import { openFilesMessage } from "../common/process/open-file-limit.js";
import { loadCommand, loadCommands } from "./commands/index.js";
import type { CommandResult } from "./parse/command.js";
import { listenForInterrupts } from "./terminal/interrupt.js";
import { toJson } from "./terminal/output.js";
import { readCommandLine, type Invocation } from "./parse/parse.js";
import { noProgress, showProgress } from "./terminal/progress.js";
import { writeAll, printResult, type OutputStream } from "./terminal/write.js";

const EXIT_CODES = { usage: 2, failed: 1, interrupted: 130 };

/** Seconds on a clock that does not jump. */
function now(): number {
  return performance.now() / 1000;
}

/** What a command line runs in. */
export interface Settings {
  environment: NodeJS.ProcessEnv;
  /** Width of the terminal. */
  columns: number | undefined;
}

/** Where the command line writes. */
export interface Streams {
  stdout: OutputStream;
  stderr: OutputStream;
}

function exitCodeOf(error: unknown): number {
  return error instanceof VadiError ? EXIT_CODES[error.kind] : 1;
}

/** One sentence, whatever was thrown; with the stacks of it and of its causes for `--debug`. */
export function describeError(error: unknown, debug: boolean): string {
  if (debug) {
    const lines: string[] = [];
    for (let at: unknown = error; at !== undefined && lines.length < 10;) {
      const stack = at instanceof Error ? (at.stack ?? at.message) : String(at);
      lines.push(lines.length === 0 ? stack : `caused by: ${stack}`);
      at = at instanceof Error ? at.cause : undefined;
    }
    return lines.join("\n");
  }
  const openFiles = openFilesMessage(error);
  if (openFiles !== undefined) return openFiles;
  const message = messageOf(error).trim();
  if (error instanceof VadiError) return say(error.sentence, optionFlag).trim();
  const [firstLine = ""] = message.split("\n");
  // Such as EIO: i/o error, read '/data/shard-00000.arrow'.
  if (systemCode(error) !== undefined && error instanceof Error && "syscall" in error) {
    return printable(`The system refused: ${firstLine}.`);
  }
  return `Unexpected error: ${firstLine || "no message"} (--debug shows where).`;
}

/** Keeps a stream that cannot be written from ending the process: whoever writes to it deals with that. */
function tolerateErrors({ stdout, stderr }: Streams): void {
  stdout.on("error", () => {});
  // The command continues if only its progress is no longer read.
  stderr.on("error", () => {});
}

function jsonDocument(result: CommandResult, seconds: number): object {
  const { rows, rowsPerSecond } = result;
  return {
    seconds,
    peakRssBytes: peakRssBytes(),
    ...(rows !== undefined && { rows, rowsPerSecond: rowsPerSecond ?? rows / seconds }),
    ...result.json,
  };
}

function textDocument(result: CommandResult, seconds: number, quiet: boolean): string {
  const { rows, rowsPerSecond } = result;
  // A rate that the library has measured is among the command's own lines.
  const isPrinted = rows === undefined || rowsPerSecond !== undefined;
  const rate = isPrinted ? "" : ` (${formatCount(rows / seconds)} rows/s)`;
  const memory = `at most ${formatBytes(peakRssBytes())} of memory`;
  const cost = `Took ${formatSeconds(seconds)}${rate}, ${memory}.`;
  const next = result.next === undefined ? [] : ["", printable(result.next)];
  const isBare = quiet || result.isFile === true;
  // Names of columns and the like come from files.
  const text =
    result.isFile === true
      ? result.text
      : result.text.flatMap((lines) => lines.split("\n")).map(printable);
  return [...text, ...(isBare ? [] : ["", cost]), ...next].join("\n");
}

type Run = Extract<Invocation, { kind: "run" }>;

/** Prints results on stdout; the time counts from the call. */
function createPrinter(
  { json, quiet }: Run,
  stdout: OutputStream,
): (result: CommandResult) => Promise<boolean> {
  const started = now();
  return async (result) => {
    const { lines } = result;
    if (lines?.length === 0) return true;
    if (lines !== undefined) return printResult(stdout, `${lines.join("\n")}\n`);
    const seconds = now() - started;
    const document = json
      ? toJson(jsonDocument(result, seconds))
      : textDocument(result, seconds, quiet);
    return printResult(stdout, `${document}\n`);
  };
}

/** @returns the exit code */
async function runCommand(
  invocation: Run,
  { stdout, stderr }: Streams,
  leave: (exitCode: number) => void,
): Promise<number> {
  const { command, values, quiet } = invocation;
  const display = quiet
    ? noProgress
    : showProgress({
        write: (text) => stderr.write(text),
        isTerminal: stderr.isTTY,
        columns: () => stderr.columns || 80,
        now,
      });
  const note = (sentence: string): void => {
    display.clear();
    if (!quiet) stderr.write(`${printable(sentence)}\n`);
  };
  const interrupts = listenForInterrupts(
    () => note("Stopping; interrupt again to stop at once."),
    (exitCode) => {
      display.clear();
      leave(exitCode);
    },
  );
  const printer = createPrinter(invocation, stdout);
  const print = (result: CommandResult): Promise<boolean> => {
    display.clear();
    return printer(result);
  };
  try {
    for (const sentence of invocation.notes) note(sentence);
    const result = await command.run(values, {
      signal: interrupts.signal,
      onProgress: display.onProgress,
      note,
      commands: loadCommands,
      async announce(announced) {
        // A command that runs until it is interrupted ends when nobody reads it any more.
        if (!(await print(announced))) leave(0);
      },
    });
    await print(result);
    return result.exitCode ?? 0;
  } catch (error) {
    // Whatever an aborted job throws, it was the user who ended it.
    if (interrupts.signal.aborted && !(error instanceof VadiError)) throw interruption();
    throw error;
  } finally {
    display.clear();
    interrupts.release();
  }
}

/** Writes a message to stderr; where that cannot be written, the exit code alone says what happened. */
async function writeMessage(stderr: OutputStream, text: string): Promise<void> {
  await writeAll(stderr, `${text}\n`).catch(() => {});
}

/**
 * Reads a command line with the one command that it names: to load all takes longer than to read it. Help and
 * errors, which may name other commands, take all of them.
 */
async function readWith(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Invocation> {
  const named = await loadCommand(args[0] ?? "");
  if (named !== undefined) {
    try {
      const invocation = readCommandLine(args, { environment, commands: [named] });
      if (invocation.kind === "run" && invocation.notes.length === 0) return invocation;
    } catch (error) {
      if (!(error instanceof VadiError)) throw error;
    }
  }
  return readCommandLine(args, { environment, commands: await loadCommands() });
}

/**
 * Runs one command line from its words to its exit code. Results go to stdout, everything else to
 * stderr.
 *
 * @param leave Ends the process at once.
 */
export async function runCommandLine(
  args: readonly string[],
  settings: Settings,
  streams: Streams,
  leave: (exitCode: number) => void,
): Promise<number> {
  tolerateErrors(streams);
  let debug = args.includes("--debug");
  try {
    const invocation = await readWith(args, settings.environment);
    if (invocation.kind === "version") {
      await printResult(streams.stdout, `${VERSION}\n`);
      return 0;
    }
    if (invocation.kind === "help") {
      const { layOutHelp } = await import("./parse/help.js");
      const text = await layOutHelp(await loadCommands(), invocation.command, settings.columns);
      if (invocation.wanted) await printResult(streams.stdout, `${text}\n`);
      else await writeMessage(streams.stderr, text);
      return invocation.wanted ? 0 : EXIT_CODES.usage;
    }
    debug = invocation.debug;
    return await runCommand(invocation, streams, leave);
  } catch (error) {
    await writeMessage(streams.stderr, describeError(error, debug));
    return exitCodeOf(error);
  }
}
