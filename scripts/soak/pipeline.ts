import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { failure, usageError } from "../../src/common/errors.js";
import { parseCount } from "../../src/common/text/parse.js";
import { createHost, differences, type Host } from "../faults/drive.js";
import { contentsOf } from "../faults/ends.js";
import { JOBS } from "../faults/jobs.js";
import { createChance, type Chance } from "./chance.js";

/*
 * Disturbs small jobs of every command several times in a row: kills them, fills their disk, damages what they have
 * left, and starts two of them at one folder. In the end each must have the very bytes of an undisturbed job, or have
 * refused to go on in a sentence, and begin again. Which operation is disturbed follows from the seed.
 */

interface Counts {
  kills: number;
  "full disks": number;
  "other errors": number;
  "damaged files": number;
  "two at once": number;
  refusals: number;
}

/** Cuts a file of a folder, flips a bit of it, or removes it. */
async function damageOne(folder: string, chance: Chance): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && entry.name !== ".lock")
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
  if (files.length === 0) return false;
  const file = chance.one(files);
  const bytes = await readFile(file);
  const how = chance.one(["cut", "flip", "flip", "remove"]);
  if (how === "remove") await rm(file);
  else if (how === "cut") await writeFile(file, bytes.subarray(0, chance.whole(0, bytes.length)));
  else if (bytes.length > 0) {
    const at = chance.whole(0, bytes.length - 1);
    bytes[at] = bytes[at]! ^ (1 << chance.whole(0, 7));
    await writeFile(file, bytes);
  }
  return true;
}

/** One job, disturbed and brought to its end. Throws where the end is another. */
async function soakJob(
  name: string,
  folder: string,
  hosts: readonly [Host, Host],
  whole: { contents: string; operations: number },
  chance: Chance,
  counts: Counts,
): Promise<void> {
  const [host, other] = hosts;
  const root = path.join(folder, "work");
  const out = path.join(root, "out");
  const task = { job: name, folder: root, out, at: 0, mode: "EIO" } as const;
  await rm(root, { recursive: true, force: true });
  await cp(path.join(folder, "base"), root, { recursive: true });
  const { starts } = JOBS[name]!;
  let isDamaged = false;
  for (let times = chance.whole(1, 4); times > 0; times--) {
    const start = chance.one(starts);
    const mode = chance.one([
      "before",
      "after",
      "before",
      "after",
      "ENOSPC",
      "EIO",
      "short",
    ] as const);
    const at = chance.whole(1, whole.operations);
    const disturbed = { ...task, start, at, mode } as const;
    const isTwo = chance.fraction() < 0.1;
    const answers = isTwo
      ? await Promise.all([host.ask(disturbed), other.ask({ ...task, start })])
      : [await host.ask(disturbed)];
    if (isTwo) counts["two at once"]++;
    for (const answer of answers) {
      if (answer === undefined) counts.kills++;
      else if (answer.fault !== undefined) throw failure(`${name}: ${answer.fault}`);
      else if (answer.hit) counts[mode === "ENOSPC" ? "full disks" : "other errors"]++;
      if (answer?.refusal !== undefined) counts.refusals++;
    }
    if (chance.fraction() < 0.5 && (await damageOne(out, chance))) {
      counts["damaged files"]++;
      isDamaged = true;
    }
  }
  const said: string[] = [];
  // What was damaged after its end is found by `verify`, and made again by `force`.
  for (const start of isDamaged ? (["force"] as const) : starts) {
    const answer = await host.ask({ ...task, start });
    if (answer?.fault !== undefined) throw failure(`${name}, ${start}: ${answer.fault}`);
    if (answer !== undefined && answer.refusal === undefined) {
      const found = contentsOf(out);
      if (found === whole.contents) return;
      throw failure(`${name}, ${start}: other bytes:\n${differences(whole.contents, found)}`);
    }
    said.push(answer?.refusal ?? "it was killed");
  }
  counts.refusals++;
  if (!isDamaged) {
    // Whole already, which is not made again.
    if (contentsOf(out) === whole.contents) return;
    throw failure(`${name} cannot be started again: ${said.join("; ")}`);
  }
}

/**
 * Soaks all commands.
 *
 * @param words `--minutes 60 --rounds N --seed 1 --job NAME`
 * @throws a failure at the first end that is another than an undisturbed job's
 */
export async function soakPipeline(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      minutes: { type: "string", default: "60" },
      rounds: { type: "string" },
      seed: { type: "string", default: "1" },
      job: { type: "string", multiple: true, default: [] },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw usageError(`--minutes must be above 0, not ${values.minutes}.`);
  const rounds = values.rounds === undefined ? Infinity : parseCount(values.rounds, "--rounds");
  const seed = parseCount(values.seed, "--seed");
  // Those that can begin again whatever they find, and whose result can be compared.
  const all = Object.keys(JOBS).filter(
    (name) => JOBS[name]!.starts.includes("force") && name !== "report",
  );
  const names = values.job.length === 0 ? all : values.job.filter((name) => all.includes(name));
  const counts: Counts = {
    kills: 0,
    "full disks": 0,
    "other errors": 0,
    "damaged files": 0,
    "two at once": 0,
    refusals: 0,
  };
  const end = performance.now() + minutes * 60_000;
  const scratch = await mkdtemp(path.join(tmpdir(), "vadi-soak-"));
  const hosts: Host[] = [];
  let done = 0;
  try {
    for (const name of names) {
      if (done >= rounds) break;
      const folder = path.join(scratch, name);
      const root = path.join(folder, "work");
      await mkdir(path.join(root, "tmp"), { recursive: true });
      const pair = [createHost(root, "/dev/null"), createHost(root, "/dev/null")] as const;
      hosts.push(...pair);
      const task = {
        job: name,
        folder: root,
        out: path.join(root, "out"),
        at: 0,
        mode: "EIO",
      } as const;
      await pair[0].ask(task);
      await cp(root, path.join(folder, "base"), { recursive: true });
      const made = await pair[0].ask({ ...task, start: "plain" });
      const whole = { contents: contentsOf(task.out), operations: made?.operations ?? 0 };
      const until =
        performance.now() + (end - performance.now()) / (names.length - names.indexOf(name));
      for (let round = 0; done < rounds && performance.now() < until; round++, done++) {
        try {
          await soakJob(name, folder, pair, whole, createChance(seed, round), counts);
        } catch (error) {
          process.stderr.write(
            `Failed in round ${round}; to repeat: npm run soak -- pipeline --job ${name} --seed ${seed} --rounds ${round + 1}\n`,
          );
          throw error;
        }
      }
    }
  } finally {
    for (const host of hosts) host.close();
    await rm(scratch, { recursive: true, force: true });
  }
  const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  process.stdout.write(`${done} jobs ended as if undisturbed, or refused: ${told.join(", ")}.\n`);
}
