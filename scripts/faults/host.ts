import { arm, counted } from "./inject.js";
import type { Mode } from "./modes.js";
import { JOBS, repair, type Start } from "./jobs.js";
import { fileURLToPath } from "node:url";
import type * as Vadi from "../../src/index.js";

/*
 * A process that does jobs of the library for the driver, one after the other, some with a failing operation:
 * `node --import inject.js host.js`.
 */

/** What the driver asks for. */
export interface Task {
  job: string;
  folder: string;
  out: string;
  /** Undefined: what the job reads is made. */
  start?: Start;
  /** The operation that fails; 0: none. */
  at: number;
  mode: Mode;
}

/** How a task ended. */
export interface Answer {
  /** The error's sentence. */
  refusal?: string;
  /** An error that is not vadi's own. */
  fault?: string;
  operations: number;
  hit: boolean;
}

const BUNDLE = fileURLToPath(new URL("../../bundle/index.js", import.meta.url));
const library = (await import(BUNDLE)) as typeof Vadi;

async function perform({ job, folder, out, start, at, mode }: Task): Promise<Answer> {
  arm(at, mode);
  const ended: { refusal?: string; fault?: string } = {};
  try {
    if (start === undefined) await JOBS[job]!.prepare(library, folder);
    else if (start === "repair") await repair(library, out);
    else await JOBS[job]!.run(library, folder, out, start);
  } catch (error) {
    if (error instanceof library.VadiError) ended.refusal = error.message;
    else ended.fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { operations, hit } = counted();
  arm(0, mode);
  return { ...ended, operations, hit };
}

process.on("uncaughtException", (error) => {
  process.send!({ operations: 0, hit: false, fault: `nobody caught: ${error.stack}` }, () =>
    process.exit(1),
  );
});
process.on("message", (task: Task) => {
  void perform(task).then((answer) => process.send!(answer));
});
process.send!("ready");
