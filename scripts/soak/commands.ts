import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import { parseCount } from "../../src/common/text/parse.js";
import { differences } from "../faults/drive.js";
import { contentsOf } from "../faults/ends.js";
import { createChance, type Chance } from "./chance.js";
import { faultOf, runCommand, type Ended, type Surroundings } from "./command-line.js";
import { damageOne, swapTwo } from "./damage-any.js";
import { randomJob, type RandomJob } from "./random-job.js";
import { readRounds, ROUND_OPTIONS } from "./options.js";

/*
 * Runs random commands as a user does, each in a process of its own on a disk of its own, and does to them what
 * happens to a user's: signals, full disks, folders that may not be written, few descriptors, a second process at the
 * same folder, a clock that jumps, damaged and exchanged files. In the end each must have the very bytes of an
 * undisturbed command, or say in a sentence why not, and begin again.
 */

/** What is done to a command. */
const DISTURBANCES = [
  "kill",
  "SIGTERM",
  "Ctrl-C",
  "Ctrl-C twice",
  "full disk",
  "no right to write",
  "few descriptors",
  "two at once",
  "clock",
] as const;
type Disturbance = (typeof DISTURBANCES)[number];

const COUNTED = [...DISTURBANCES, "damaged file", "swapped files", "refusal"] as const;
type Counts = Record<(typeof COUNTED)[number], number>;

/** Bytes of a round's disk, where one can be mounted. */
const DISK = 48 * 2 ** 20;
/** The least and most hours by which the clock jumps. */
const HOURS = 24 * 400;

/** A disk of its own for a round; undefined where none can be mounted. */
function mountDisk(folder: string): (() => void) | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", folder], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  return () => execFileSync("umount", ["--lazy", folder], { stdio: "ignore" });
}

/** Where a round's job is. */
interface Place {
  job: RandomJob;
  root: string;
  temporary: string;
  hasOwnDisk: boolean;
  /** Operations on files of an undisturbed run. */
  operations: number;
  whole: string;
}

/** Fills the disk but for some bytes while a command runs. */
async function onFullDisk(root: string, free: number, run: () => Promise<Ended>): Promise<Ended> {
  const ballast = path.join(root, "..", "ballast");
  const used = Number(
    execFileSync("du", ["-sB1", path.dirname(root)], { encoding: "utf8" }).split("\t")[0],
  );
  await writeFile(ballast, Buffer.alloc(Math.max(0, DISK - used - free)));
  try {
    return await run();
  } finally {
    await rm(ballast, { force: true });
  }
}

/** Runs a job's command under a disturbance. Returns how it has ended, both where there are two. */
async function disturb(
  { job, root, temporary, operations }: Place,
  disturbance: Disturbance,
  chance: Chance,
): Promise<Ended[]> {
  const start = chance.one<string | undefined>([undefined, ...job.starts, ...job.starts]);
  const words = [...job.words, ...(start === undefined ? [] : [start])];
  const around = { root, temporary } satisfies Surroundings;
  const operation = Math.max(1, Math.ceil(operations * chance.fraction() ** 1.5));
  const run = (more: Partial<Surroundings>): Promise<Ended> =>
    runCommand(words, { ...around, ...more });
  switch (disturbance) {
    case "kill":
      return [await run({ at: { operation, mode: chance.one(["before", "after"]) } })];
    case "SIGTERM":
      return [await run({ at: { operation, mode: "SIGTERM" } })];
    case "Ctrl-C":
      return [await run({ at: { operation, mode: "SIGINT" } })];
    case "Ctrl-C twice":
      return [await run({ at: { operation, mode: "SIGINT twice" } })];
    case "full disk":
      return [await onFullDisk(root, chance.whole(0, 8) * 4096, () => run({}))];
    case "no right to write": {
      const asNobody = process.getuid?.() === 0;
      const locked = asNobody ? [] : [root, path.join(root, "out")];
      for (const folder of locked) await chmod(folder, 0o555).catch(() => {});
      try {
        return [await run({ asNobody })];
      } finally {
        for (const folder of locked) await chmod(folder, 0o755).catch(() => {});
      }
    }
    case "few descriptors":
      return [await run({ descriptors: chance.whole(24, 64) })];
    case "two at once":
      return Promise.all([run({}), run({})]);
    case "clock": {
      const hours = (chance.fraction() - 0.5) * 2 * HOURS;
      return [await run({ at: { operation, mode: "clock", hours } })];
    }
  }
}

/** Makes what a job reads, and its result undisturbed. */
async function prepare(chance: Chance, disk: string, hasOwnDisk: boolean): Promise<Place> {
  const root = path.join(disk, "work");
  const [temporary, log] = [path.join(disk, "tmp"), path.join(disk, "log")];
  await mkdir(root);
  await mkdir(temporary);
  // For a user who may write nowhere else.
  await chmod(disk, 0o755);
  await chmod(temporary, 0o777);
  const job = await randomJob(chance, root);
  for (const words of [...job.before, job.words]) {
    await rm(log, { force: true });
    const ended = await runCommand(words, { root, temporary, log });
    if (ended.code !== 0) throw failure(`vadi ${words.join(" ")} fails: ${ended.errors}`);
  }
  const operations = (await readFile(log, "utf8")).split("\n").length - 1;
  const out = path.join(root, "out");
  const whole = contentsOf(out);
  await rm(out, { recursive: true });
  return { job, root, temporary, hasOwnDisk, operations, whole };
}

/** One command, disturbed and brought to its end. Throws where the end is another. */
async function soakCommand(place: Place, chance: Chance, counts: Counts): Promise<void> {
  const { job, root, temporary, hasOwnDisk, whole } = place;
  const out = path.join(root, "out");
  const done: string[] = [];
  const found = (what: string): Error =>
    failure(`vadi ${job.words.join(" ")}, after ${done.join(", ")}: ${what}`);
  const isWhole = (): boolean => contentsOf(out) === whole;
  let isDamaged = false;
  for (let times = chance.whole(1, 4); times > 0; times--) {
    const disturbance = chance.one(DISTURBANCES);
    if (disturbance === "full disk" && !hasOwnDisk) continue;
    done.push(disturbance);
    const before = contentsOf(out);
    const ends = await disturb(place, disturbance, chance);
    for (const ended of ends) {
      const fault = faultOf(ended);
      if (fault !== undefined) throw found(fault);
      if (ended.code === 1 || ended.code === 2) counts.refusal++;
      if (ended.code === 0 && !isDamaged && !isWhole())
        throw found(`it ends well, but not whole:\n${differences(whole, contentsOf(out))}`);
    }
    const hit =
      ends.some(({ code }) => code !== 0) || ["two at once", "clock"].includes(disturbance);
    if (hit) counts[disturbance]++;
    if (disturbance === "no right to write" && contentsOf(out) !== before)
      throw found(`it has changed what it may not write:\n${differences(before, contentsOf(out))}`);
    if (chance.fraction() < 0.3) {
      const isSwap = chance.fraction() < 0.4;
      const damage = await (isSwap ? swapTwo : damageOne)(out, chance);
      if (damage === undefined) continue;
      counts[isSwap ? "swapped files" : "damaged file"]++;
      done.push(damage);
      isDamaged = true;
    }
  }
  const again = async (words: readonly string[]): Promise<boolean> => {
    const ended = await runCommand(words, { root, temporary });
    const fault = faultOf(ended);
    if (fault !== undefined) throw found(`then vadi ${words.join(" ")}: ${fault}`);
    if (ended.code !== 0) done.push(ended.errors);
    return ended.code === 0;
  };
  if (isDamaged && job.isDataset && (await again([...job.words, "--resume"]))) {
    // A whole dataset is not resumed, but verified.
    const isIntact = await again(["verify", "out"]);
    if (isIntact !== isWhole()) throw found(`verify says ${isIntact ? "intact" : "damaged"}`);
  }
  if (isDamaged || !isWhole()) {
    const starts = isDamaged ? job.starts.filter((start) => start === "--force") : job.starts;
    let isStarted = false;
    for (const start of starts) isStarted ||= await again([...job.words, start]);
    if (!isStarted && !isDamaged && starts.length > 0) isStarted = await again(job.words);
    // What is refused for its damage, or can only be made anew.
    if (!isStarted && (isDamaged || starts.length === 0)) {
      await rm(out, { recursive: true, force: true });
      isStarted = await again(job.words);
    }
    if (!isStarted) throw found("it cannot be started again");
  }
  if (!isWhole()) throw found(`other bytes:\n${differences(whole, contentsOf(out))}`);
}

/**
 * Soaks commands.
 *
 * @param words `--minutes 60 --rounds N --seed 1 --first 0`
 * @throws a failure where an end was another than an undisturbed command's
 */
export async function soakCommands(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      ...ROUND_OPTIONS,
      first: { type: "string", default: "0" },
    },
  });
  const { minutes, rounds, seed } = readRounds(values);
  const first = parseCount(values.first, "--first");
  const counts = Object.fromEntries(COUNTED.map((kind) => [kind, 0])) as Counts;
  const end = performance.now() + minutes * 60_000;
  let [done, findings] = [0, 0];
  for (; done < rounds && performance.now() < end; done++) {
    const round = first + done;
    const chance = createChance(seed, round);
    const disk = await mkdtemp(path.join(tmpdir(), "vadi-soak-"));
    const unmount = mountDisk(disk);
    try {
      const place = await prepare(chance, disk, unmount !== undefined);
      await soakCommand(place, chance, counts);
    } catch (error) {
      findings++;
      process.stderr.write(
        `FOUND ${messageOf(error)}\nto repeat: npm run soak -- commands --seed ${seed} --first ${round} --rounds 1\n`,
      );
    } finally {
      unmount?.();
      await rm(disk, { recursive: true, force: true });
    }
  }
  const told = COUNTED.map((kind) => `${kind} ${counts[kind]}`).join(", ");
  process.stdout.write(`${done} commands ended as if undisturbed, or refused; ${told}.\n`);
  if (findings > 0) throw failure(`${findings} of them ended otherwise.`);
}
