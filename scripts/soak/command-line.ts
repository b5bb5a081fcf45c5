import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Event, Mode } from "../faults/modes.js";

const MAIN = fileURLToPath(new URL("../../bundle/main.js", import.meta.url));
const INJECT = new URL("../faults/inject.js", import.meta.url).href;
/** Milliseconds after which a command hangs. */
const TIME_LIMIT = 120_000;
/** The user and group `nobody`. */
const NOBODY = 65_534;

/** What a command runs in. */
export interface Surroundings {
  /** Operations on files below it are counted. */
  root: string;
  /** The folder of temporary files, outside `root`. */
  temporary: string;
  /** Gets a line for each operation on files. */
  log?: string | undefined;
  /** What happens at which operation. */
  at?: { operation: number; mode: Mode | Event; hours?: number } | undefined;
  /** The most descriptors of open files. */
  descriptors?: number | undefined;
  /** Whether it runs as a user who may write nowhere. */
  asNobody?: boolean | undefined;
}

/** How a command has ended. */
export interface Ended {
  /** Null: by a signal. */
  code: number | null;
  signal: NodeJS.Signals | null;
  errors: string;
}

/** Runs vadi. */
export async function runCommand(words: readonly string[], around: Surroundings): Promise<Ended> {
  const { root, temporary, log, at, descriptors, asNobody = false } = around;
  const program = [process.execPath, "--import", INJECT, MAIN, ...words, "--quiet"];
  const limited =
    descriptors === undefined ? [] : ["sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh"];
  const [file = "", ...given] = [...limited, ...program];
  const child = spawn(file, given, {
    cwd: root,
    env: {
      ...process.env,
      FAULTS_ROOT: root,
      TMPDIR: temporary,
      ...(log !== undefined && { FAULTS_LOG: log }),
      ...(at !== undefined && {
        FAULTS_AT: String(at.operation),
        FAULTS_MODE: at.mode,
        FAULTS_HOURS: String(at.hours ?? 0),
      }),
    },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: TIME_LIMIT,
    killSignal: "SIGABRT",
    ...(asNobody && { uid: NOBODY, gid: NOBODY }),
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, errors: errors.trim() };
}

/**
 * What is wrong with how a command has ended, whatever had been done to it: it hangs, fails without a sentence for
 * people, or with one that only its authors understand. Undefined: nothing.
 */
export function faultOf({ code, signal, errors }: Ended): string | undefined {
  if (signal === "SIGABRT") return `it hangs, or was aborted: ${errors}`;
  if (code === null || code === 0 || code === 130) return undefined;
  if (code !== 1 && code !== 2) return `it ended with ${code}: ${errors}`;
  const isSentence =
    /^[^\n]{15,2000}$/.test(errors) && !/^Unexpected error|\bundefined\b/.test(errors);
  return isSentence ? undefined : `no sentence: ${errors}`;
}
