import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, stripVTControlCharacters } from "node:util";

/*
 * Runs each test file in its own process, two at a time, each with a time limit, and sums up the
 * tests that passed and failed. Words on the command line select the files whose path contains one
 * of them: `npm test -- stream cli`. `-t NAME` selects the tests whose name contains NAME. A file
 * that crashes, runs out of time or runs no test counts as one more failed test.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // Seconds that a file may take.
    limit: { type: "string", default: "240" },
    // Files at a time.
    jobs: { type: "string", default: "2" },
    // Only tests whose name contains this.
    name: { type: "string", short: "t", default: "" },
  },
});

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
  /** Why the file counts as failed where its tests do not say so themselves. */
  reason?: string;
  output: string;
}

// This file lies in dist/scripts; sources and build lie side by side above it.
const root = fileURLToPath(new URL("../..", import.meta.url));
const built = fileURLToPath(new URL("../test", import.meta.url));
const running = new Set<ChildProcess>();
/** What the test files of one run share, such as the unpacked browser. */
const shared = mkdtempSync(path.join(tmpdir(), "vadi-tests-"));
process.once("exit", () => rmSync(shared, { recursive: true, force: true }));

function numberOption(name: "limit" | "jobs"): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not ${values[name]}.`);
  return value;
}

/** Paths below test/ without their extension. They come from the sources, so a stale file in dist does not run. */
function testNames(): string[] {
  return readdirSync(path.join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -".ts".length))
    .filter((name) => positionals.length === 0 || positionals.some((word) => isIn(word, name)))
    .toSorted();
}

/** `stream`, or the path of one file: `test/stream/split.test.ts`. */
function isIn(word: string, name: string): boolean {
  return name.includes(word.replace(/^(?:\.\/)?test\//, "").replace(/\.ts$/, ""));
}

/** Kills a test's whole process group: what it started must not outlive it. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

function sumUp(output: string): { total: number; passed: number; skipped: number } | undefined {
  const plain = stripVTControlCharacters(output);
  const found = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/m.exec(plain);
  if (found === null) return undefined;
  // Tests that skip themselves while they run, which uvu counts as passed: see test/helpers/test.ts.
  const late = Number(/^ {2}Of those skipped: (\d+)$/m.exec(plain)?.[1] ?? 0);
  return {
    total: Number(found[1]) - late,
    passed: Number(found[2]) - late,
    skipped: Number(found[3]) + late,
  };
}

function judge(output: string, end: string | undefined): Omit<Outcome, "seconds"> {
  const summary = sumUp(output);
  const passed = summary?.passed ?? 0;
  const failed = summary === undefined ? 0 : summary.total - summary.passed;
  const skipped = summary?.skipped ?? 0;
  const reason =
    summary === undefined
      ? (end ?? "ended without a summary of its tests")
      : summary.total + skipped === 0 && values.name === ""
        ? "ran no test"
        : failed === 0
          ? end
          : undefined;
  if (reason === undefined) return { passed, failed, skipped, output };
  return { passed, failed: failed + 1, skipped, reason, output };
}

function runFile(name: string, limitSeconds: number): Promise<Outcome> {
  const file = path.join(built, `${name}.js`);
  if (!existsSync(file)) {
    const reason = "has not been built: run `npm run build`";
    return Promise.resolve({ passed: 0, failed: 1, skipped: 0, seconds: 0, reason, output: "" });
  }
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, ["--enable-source-maps", file], {
      cwd: root,
      // What `auto` chooses must not depend on the backends that this checkout happens to have.
      env: {
        ...process.env,
        VADI_BACKENDS_FOLDER: path.join(built, "no-backends"),
        TEST_NAME: values.name,
        TEST_SHARED: shared,
      },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    let output = "";
    let timedOut = false;
    let settled = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child);
    }, limitSeconds * 1000);
    const finish = (end: string | undefined): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      running.delete(child);
      kill(child);
      resolve({ ...judge(output, end), seconds: (performance.now() - started) / 1000 });
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => finish(`could not be started: ${error.message}`));
    // A process that the test left behind would hold the pipes open: it goes with the test.
    child.on("exit", () => kill(child));
    child.on("close", (code, signal) => {
      if (timedOut) finish(`was stopped after ${limitSeconds} seconds`);
      else if (signal !== null) finish(`was ended by ${signal}`);
      else finish(code === 0 ? undefined : `ended with exit code ${code}`);
    });
  });
}

function describe(name: string, outcome: Outcome): string {
  const counts = [`${outcome.passed} passed`];
  if (outcome.failed > 0) counts.push(`${outcome.failed} failed`);
  if (outcome.skipped > 0) counts.push(`${outcome.skipped} skipped`);
  const seconds = `${outcome.seconds.toFixed(1).padStart(6)} s`;
  const mark = outcome.failed > 0 ? "FAIL" : "ok  ";
  const reason = outcome.reason === undefined ? "" : ` (${outcome.reason})`;
  return `${mark} ${seconds}  ${name}: ${counts.join(", ")}${reason}`;
}

const limitSeconds = numberOption("limit");
const names = testNames();
const total = { passed: 0, failed: 0, skipped: 0 };

function interrupt(): void {
  for (const child of running) kill(child);
  process.exit(130);
}
process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);

const waiting = names.values();
async function work(): Promise<void> {
  for (const name of waiting) {
    const outcome = await runFile(name, limitSeconds);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
    const hasRun = outcome.passed + outcome.failed + outcome.skipped > 0;
    if (hasRun) console.log(describe(name, outcome));
    if (outcome.failed > 0) console.log(outcome.output.replace(/^/gm, "     | "));
  }
}
await Promise.all(Array.from({ length: numberOption("jobs") }, work));

if (names.length === 0) {
  console.log(`No test file's path contains ${positionals.join(" or ")}.`);
  total.failed += 1;
} else if (total.passed + total.failed + total.skipped === 0) {
  console.log(`No test's name contains ${values.name}.`);
  total.failed += 1;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
