import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Verdict } from "./judge.js";
import type { Report } from "./child.js";

const CHILD = fileURLToPath(new URL("child.js", import.meta.url));

/** Milliseconds after which an input hangs; a busy machine is slow. */
const TIME_LIMIT = 60_000;
/** Bytes that a process may have altogether. */
const MEMORY_LIMIT = 1.5 * 2 ** 30;
/** Inputs that one process reads: what it keeps must not add up. */
const INPUTS_A_PROCESS = 4000;

/** An input that did not end as it must. */
export interface Finding {
  number: number;
  what: string;
  /** Where known. */
  place?: string;
}

/** How the inputs of a target ended. */
export interface Tally {
  same: number;
  other: number;
  refused: number;
  findings: Finding[];
}

function startChild(words: readonly string[]): ChildProcess {
  return fork(CHILD, words, {
    execArgv: ["--max-old-space-size=256"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** Writes a target's samples. */
export async function writeSamples(target: string, folder: string): Promise<void> {
  const child = startChild(["write", target, folder]);
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new Error(`The samples of ${target} could not be written: ${errors.trim()}`);
}

/** Reads inputs `first` to `end` − 1 of a target. */
export async function driveTarget(
  target: string,
  folder: string,
  { seed, first, end }: { seed: number; first: number; end: number },
  onFinding: (finding: Finding) => void,
): Promise<Tally> {
  const tally: Tally = { same: 0, other: 0, refused: 0, findings: [] };
  const count = (number: number, verdict: Verdict, place?: string): void => {
    if (verdict.kind !== "finding") {
      tally[verdict.kind]++;
      return;
    }
    const finding = { number, what: verdict.what, ...(place !== undefined && { place }) };
    tally.findings.push(finding);
    onFinding(finding);
  };
  for (let at = first; at < end;) {
    const to = Math.min(end, at + INPUTS_A_PROCESS);
    const ended = await readSome([target, folder, seed, at, to].map(String), count);
    if (ended.at === undefined && ended.next < to) {
      throw new Error(`The process that reads ${target} ended: ${ended.why}.`);
    }
    if (ended.at !== undefined) count(ended.at, { kind: "finding", what: ended.why });
    at = ended.next;
  }
  return tally;
}

/** How a process ended. */
interface Ended {
  /** The input that it was reading. */
  at: number | undefined;
  why: string;
  /** The input to go on with. */
  next: number;
}

async function readSome(
  words: readonly string[],
  count: (number: number, verdict: Verdict, place: string) => void,
): Promise<Ended> {
  const child = startChild(["read", ...words]);
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-4000);
  });
  let at: number | undefined;
  let started = performance.now();
  let next = Number(words[3]);
  let killed: string | undefined;
  child.on("message", (report: Report) => {
    if (report.kind === "start") {
      at = report.number;
      started = performance.now();
      return;
    }
    at = undefined;
    next = report.number + 1;
    count(report.number, report.verdict, `${report.sample}/${report.file}`);
  });
  const watch = setInterval(() => {
    if (at !== undefined && performance.now() - started > TIME_LIMIT) killed = "it hangs";
    else if (residentOf(child.pid) > MEMORY_LIMIT) killed = "it takes more than 1.5 GiB";
    if (killed !== undefined) child.kill("SIGKILL");
  }, 100);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearInterval(watch);
  const why = killed ?? `the process ended with ${signal ?? code}: ${errors.trim().slice(-1500)}`;
  return { at, why, next: at === undefined ? next : at + 1 };
}

/** Bytes of memory that a process has; 0 where the system does not tell. */
function residentOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}
