import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { interruption, systemCode, throwIfAborted } from "../common/errors.js";

/** Characters of a program's output that are kept. The last lines say what went wrong. */
const KEPT = 16_384;

/** A program failed or could not be started. */
export class ProgramError extends Error {
  /** Null where the program could not be started. */
  readonly exitCode: number | null;
  readonly output: string;

  constructor(message: string, exitCode: number | null, output: string) {
    super(message);
    this.name = "ProgramError";
    this.exitCode = exitCode;
    this.output = output;
  }

  /** The first line of its output that a pattern matches, or else its last line. */
  line(pattern: RegExp): string {
    const lines = this.output.split("\n").map((line) => line.trim());
    const found = lines.find((line) => pattern.test(line)) ?? lines.findLast((line) => line !== "");
    return found ?? this.message;
  }
}

export interface ProgramOptions {
  cwd?: string;
  /** Added to this process's environment; undefined removes a variable. */
  environment?: Record<string, string | undefined>;
  signal?: AbortSignal;
}

/** The absolute path of the first of some programs that is on the PATH. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((one) => one !== "");
  for (const name of names) {
    const candidates = name.includes(path.sep)
      ? [path.resolve(name)]
      : folders.map((folder) => path.join(folder, name));
    const found = candidates.find((file) => isProgram(file));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a program without a shell and without input. An abort kills it and its children.
 *
 * @returns its stdout
 * @throws {ProgramError} where it cannot be started or its exit code is not 0
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, environment = {}, signal }: ProgramOptions = {},
): Promise<string> {
  throwIfAborted(signal);
  const env = { ...process.env, ...environment };
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  signal?.addEventListener("abort", kill, { once: true });
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout = (stdout + text).slice(-KEPT);
    output = (output + text).slice(-KEPT);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-KEPT);
  });
  try {
    const end = await new Promise<string | number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, name) => resolve(code ?? name ?? "a signal"));
    });
    if (signal?.aborted) throw interruption();
    if (end === 0) return stdout;
    const how = typeof end === "number" ? `ended with exit code ${end}` : `was ended by ${end}`;
    throw new ProgramError(`${program} ${how}`, typeof end === "number" ? end : -1, output);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new ProgramError(`${program} cannot be started (${systemCode(error)})`, null, output);
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}
