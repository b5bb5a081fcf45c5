import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { messageOf, usageError, VadiError } from "../../src/common/errors.js";
import { parseCount } from "../../src/common/text/parse.js";
import { driveJob } from "./drive.js";
import { JOBS } from "./jobs.js";
import { MODES, type Mode } from "./modes.js";

/*
 * `npm run faults`: lets every single operation on files fail, one at a time, in a small job of each command: with
 * a full disk, an input/output error, half a write, and the process killed before and after it. Each end must be
 * whole, or go on to the same bytes when it is started again; or the job says in a sentence why not.
 */

function isMode(name: string): name is Mode {
  return (MODES as readonly string[]).includes(name);
}

function readOptions(): { jobs: string[]; modes: Mode[]; every: number; first: number } {
  const { values } = parseArgs({
    options: {
      // Default: all.
      job: { type: "string", multiple: true, default: [] },
      mode: { type: "string", multiple: true, default: [] },
      // Only each so many operations, from the first on.
      every: { type: "string", default: "1" },
      first: { type: "string", default: "1" },
    },
  });
  const jobs = values.job.length === 0 ? Object.keys(JOBS) : values.job;
  const unknown = jobs.find((name) => !Object.hasOwn(JOBS, name));
  if (unknown !== undefined) {
    throw usageError(`There is no job ${unknown}; choose one of ${Object.keys(JOBS).join(", ")}.`);
  }
  const modes = values.mode.length === 0 ? [...MODES] : values.mode;
  if (!modes.every(isMode)) throw usageError(`--mode is one of ${MODES.join(", ")}.`);
  const every = Math.max(1, parseCount(values.every, "--every"));
  return { jobs, modes, every, first: Math.max(1, parseCount(values.first, "--first")) };
}

/** @returns the number of findings */
async function run(): Promise<number> {
  const { jobs, ...how } = readOptions();
  let [tries, findings] = [0, 0];
  for (const name of jobs) {
    const folder = await mkdtemp(path.join(tmpdir(), "vadi-faults-"));
    await mkdir(path.join(folder, "work"));
    try {
      const tally = await driveJob(name, folder, how, (finding) => {
        process.stdout.write(`FOUND ${finding}\n`);
      });
      process.stdout.write(
        `${name}: ${tally.operations} operations, ${tally.tries} faults: ${tally.whole} ended as if there were none, ${tally.refused} were refused and ${tally.killed} killed, then repeated to the same bytes; ${tally.findings.length} findings\n`,
      );
      tries += tally.tries;
      findings += tally.findings.length;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${jobs.length} jobs, ${tries} faults, ${findings} findings\n`);
  return findings;
}

try {
  process.exitCode = (await run()) > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  const isUsage = error instanceof VadiError ? error.kind === "usage" : error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
