import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { takeLargest, watchAllocations } from "./allocations.js";
import { judgeError, judgeText, pollution, type Verdict } from "./judge.js";
import { makeInput, type Files } from "./mutate.js";
import type { Sample, Target } from "./target.js";
import { TARGETS } from "./targets/index.js";

/*
 * A process that reads inputs of one target, and tells the one that started it how each ended:
 *
 *   child.js write TARGET FOLDER
 *   child.js read TARGET FOLDER SEED FIRST END
 */

/** What the process tells: that it is about to read an input, and how that ended. */
export type Report =
  | { kind: "start"; number: number }
  | { kind: "end"; number: number; verdict: Verdict; sample: string; file: string };

/** Memory that one small file may cost, in bytes. */
const MOST_MEMORY = 192 * 2 ** 20;
/** Processor time that one small file may cost, in seconds. */
const MOST_SECONDS = 5;

interface LoadedSample extends Sample {
  name: string;
  contents: Files;
  whole: string;
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => process.send!(report, () => resolve()));
}

async function loadFiles(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, Buffer> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files[path.relative(folder, file)] = await readFile(file);
  }
  return files;
}

/** Writes the files of a sample into a new folder. */
async function writeSample(folder: string, files: Files): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

/** The most memory that this process has had. */
function mostResident(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function readInputs(
  target: Target,
  folder: string,
  seed: number,
  first: number,
  end: number,
) {
  const samples: LoadedSample[] = [];
  for (const [name, sample] of Object.entries(target.samples)) {
    const contents = await loadFiles(path.join(folder, name));
    const place = path.join(folder, `.${process.pid}-whole-${name}`);
    await writeSample(place, contents);
    // Also loads all code, which costs memory once.
    const whole = await sample.read(place, undefined);
    await rm(place, { recursive: true });
    samples.push({ ...sample, name, contents, whole });
  }
  const choices = samples.map(({ name, contents, files }) => ({
    name,
    files: contents,
    changed: files,
  }));
  for (let number = first; number < end; number++) {
    const input = makeInput(seed, number, choices);
    const sample = samples.find(({ name }) => name === input.sample)!;
    // A new folder for each: readers remember files by their names.
    const place = path.join(folder, `.${process.pid}-${number}`);
    await writeSample(place, { ...sample.contents, [input.file]: input.bytes });
    await tell({ kind: "start", number });
    const isSame = sample.contents[input.file]!.equals(input.bytes);
    const verdict = await judge(sample, place, isSame ? undefined : input.file);
    await tell({ kind: "end", number, verdict, sample: input.sample, file: input.file });
    await rm(place, { recursive: true, force: true });
  }
}

async function judge(
  sample: LoadedSample,
  place: string,
  changed: string | undefined,
): Promise<Verdict> {
  takeLargest();
  const before = mostResident();
  const started = process.cpuUsage();
  let verdict: Verdict;
  try {
    const text = await sample.read(place, changed);
    verdict = judgeText(
      text,
      sample.whole,
      changed === undefined || sample.checked?.includes(changed) === true,
    );
  } catch (error) {
    verdict = judgeError(error);
  }
  const polluted = pollution();
  if (polluted !== undefined) return { kind: "finding", what: polluted };
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  if (seconds > MOST_SECONDS) {
    return { kind: "finding", what: `took ${seconds.toFixed(1)} s of the processor` };
  }
  for (const [bytes, how] of [
    [mostResident() - before, "took"],
    [takeLargest(), "asked for"],
  ] as const) {
    if (bytes > MOST_MEMORY) {
      return { kind: "finding", what: `${how} ${Math.round(bytes / 2 ** 20)} MiB` };
    }
  }
  return verdict;
}

const [, , task, name = "", folder = "", ...numbers] = process.argv;
const target = await TARGETS[name]!();
if (task === "write") await target.write(folder);
else {
  watchAllocations();
  const [seed = 0, first = 0, end = 0] = numbers.map(Number);
  await readInputs(target, folder, seed, first, end);
}
// Pools of worker threads would keep the process.
process.exit(0);
