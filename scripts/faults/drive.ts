import { fork, type ChildProcess } from "node:child_process";
import { cp, readFile, rm, mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { contentsOf } from "./ends.js";
import type { Answer, Task } from "./host.js";
import { MODES_OF, type Kind, type Mode } from "./modes.js";
import { JOBS, type Start } from "./jobs.js";

const HOST = fileURLToPath(new URL("host.js", import.meta.url));
const INJECT = new URL("inject.js", import.meta.url).href;
/** Milliseconds after which a job hangs. */
const TIME_LIMIT = 120_000;

/** The journal of a dataset, which is removed once it is whole, and temporary files. */
const LEFT = /\.progress\.jsonl |^tmp\//;

function withoutLeft(contents: string): string {
  const lines = contents.split("\n").filter((line) => !LEFT.test(line));
  return lines.join("\n");
}

/** How the tries of a job ended. */
export interface Tally {
  operations: number;
  tries: number;
  /** Ended as if nothing had failed. */
  whole: number;
  refused: number;
  killed: number;
  findings: string[];
}

/** A process that does jobs; a new one is started where it was killed. */
export interface Host {
  /** Undefined: the process has ended. */
  ask(task: Task): Promise<Answer | undefined>;
  close(): void;
}

export function createHost(root: string, log: string): Host {
  let child: ChildProcess | undefined;
  const start = (): Promise<ChildProcess> => {
    const started = fork(HOST, [], {
      execArgv: ["--import", INJECT],
      env: { ...process.env, FAULTS_ROOT: root, FAULTS_LOG: log, TMPDIR: path.join(root, "tmp") },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    return new Promise((resolve, reject) => {
      started.once("message", () => resolve(started));
      started.once("exit", (code) => reject(new Error(`The host ended with ${code}.`)));
    });
  };
  return {
    async ask(task) {
      const asked = (child ??= await start());
      return new Promise((resolve) => {
        const settle = (answer: Answer | undefined): void => {
          clearTimeout(timer);
          asked.removeAllListeners();
          if (answer === undefined) child = undefined;
          resolve(answer);
        };
        const timer = setTimeout(() => {
          asked.removeAllListeners();
          asked.kill("SIGKILL");
          child = undefined;
          resolve({ operations: 0, hit: true, fault: "it hangs" });
        }, TIME_LIMIT);
        asked.once("message", (answer: Answer) => settle(answer));
        asked.once("exit", () => settle(undefined));
        asked.send(task);
      });
    },
    close() {
      child?.removeAllListeners();
      child?.kill("SIGKILL");
    },
  };
}

/**
 * Tries a job with every operation failing in every way.
 *
 * @param folder an empty folder
 * @param every only each so many operations are tried, from `first` on
 */
export async function driveJob(
  name: string,
  folder: string,
  { every, first, modes }: { every: number; first: number; modes: readonly Mode[] },
  onFinding: (finding: string) => void,
): Promise<Tally> {
  const job = JOBS[name]!;
  const root = path.join(folder, "work");
  const base = path.join(folder, "base");
  const log = path.join(folder, "log");
  const out = path.join(root, "out");
  const host = createHost(root, log);
  const task = { job: name, folder: root, out, at: 0, mode: "EIO" } as const;
  const found = (): string => contentsOf(root, job.isOutOnly && "out");
  const fresh = async (): Promise<void> => {
    await rm(root, { recursive: true, force: true });
    await cp(base, root, { recursive: true });
    await rm(log, { force: true });
  };
  const mustSucceed = async (start: Start | undefined): Promise<Answer> => {
    const answer = await host.ask({ ...task, ...(start && { start }) });
    const why = answer?.fault ?? answer?.refusal;
    if (answer === undefined || why !== undefined) throw new Error(`${name} fails: ${why}`);
    return answer;
  };
  const tally: Tally = { operations: 0, tries: 0, whole: 0, refused: 0, killed: 0, findings: [] };
  try {
    await mkdir(path.join(root, "tmp"), { recursive: true });
    await mustSucceed(undefined);
    await cp(root, base, { recursive: true });
    await fresh();
    await mustSucceed("plain");
    const kinds = (await readFile(log, "utf8")).trimEnd().split("\n");
    const whole = found();
    // A second time, since what differs by itself tells nothing.
    await fresh();
    tally.operations = (await mustSucceed("plain")).operations;
    if (found() !== whole)
      throw new Error(`${name} differs by itself:\n${differences(whole, found())}`);

    const tryOne = async (at: number, mode: Mode): Promise<void> => {
      await fresh();
      const answer = await host.ask({ ...task, start: "plain", at, mode });
      if (answer?.hit === false && answer.fault === undefined) return;
      tally.tries++;
      const operation = (await readFile(log, "utf8")).split("\n")[at - 1] ?? `${at}`;
      const find = (what: string): void => {
        const finding = `${name}, ${mode} at operation ${operation}: ${what}`;
        tally.findings.push(finding);
        onFinding(finding);
      };
      if (answer?.fault !== undefined) find(answer.fault);
      if (answer === undefined) tally.killed++;
      else if (answer.refusal === undefined) tally.whole++;
      else {
        tally.refused++;
        if (!/^[^\n]{10,2000}$/.test(answer.refusal)) find(`no sentence: ${answer.refusal}`);
      }
      const isDone = answer !== undefined && answer.refusal === undefined;
      if (isDone && answer.fault === undefined) {
        if (found() !== whole) {
          find(`it ends well, but not whole:\n${differences(whole, found())}`);
        }
        return;
      }
      const said: string[] = [];
      for (const start of job.starts) {
        const again = await host.ask({ ...task, start });
        const why = again === undefined ? "the process ended" : (again.fault ?? again.refusal);
        if (why !== undefined) {
          said.push(`${start}: ${why}`);
          if (again?.refusal === undefined) find(`then ${start}: ${why}`);
          continue;
        }
        if (found() !== whole) {
          find(`then ${start} ends well, but not whole:\n${differences(whole, found())}`);
        }
        return;
      }
      // What could not be done to the end may be whole, which is not made again.
      const left = withoutLeft(found());
      if (left !== withoutLeft(whole)) {
        find(`it cannot be started again: ${said.join("; ")}\n${differences(whole, left)}`);
      }
    };
    for (let at = first; at <= tally.operations; at += every) {
      const kind = kinds[at - 1]?.split(" ")[1] as Kind | undefined;
      for (const mode of modes) {
        if (kind === undefined || MODES_OF[kind].includes(mode)) await tryOne(at, mode);
      }
    }
  } finally {
    host.close();
  }
  return tally;
}

/** The lines that only one of two texts has. */
export function differences(whole: string, found: string): string {
  const [one, other] = [whole.split("\n"), found.split("\n")];
  return [
    ...one.filter((line) => !other.includes(line)).map((line) => `  - ${line}`),
    ...other.filter((line) => !one.includes(line)).map((line) => `  + ${line}`),
  ].join("\n");
}
