import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import { parseCount } from "../../src/common/text/parse.js";
import { createHost, differences, type Host } from "../faults/drive.js";
import { contentsOf } from "../faults/ends.js";
import { JOBS, type Start } from "../faults/jobs.js";
import { createChance, type Chance } from "./chance.js";
import { damageOne, swapTwo } from "./damage-any.js";
import { readRounds, ROUND_OPTIONS } from "./options.js";

/*
 * Disturbs small jobs of every command several times in a row: kills them, fills their disk, damages what they have
 * left, and starts two of them at one folder. In the end each must have the very bytes of an undisturbed job, or have
 * refused to go on in a sentence, and begin again. Which operation is disturbed follows from the seed.
 */

/** What was done, and how it ended. */
const KINDS = [
  "kills",
  "full disks",
  "other errors",
  "damaged files",
  "swapped files",
  "two at once",
  "refusals",
  "repaired",
  // Of files without a checksum, such as a run's history.
  "unnoticed damage outside datasets",
] as const;
type Counts = Record<(typeof KINDS)[number], number>;

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
  const { starts, repairs = false } = JOBS[name]!;
  let isDamaged = false;
  for (let times = chance.whole(1, 4); times > 0; times--) {
    const start = chance.one(starts);
    const mode = chance.one([
      "before",
      "after",
      "before",
      "after",
      "ENOSPC",
      "ENOSPC",
      "EIO",
      "short",
    ] as const);
    // Sooner rather than later: a job that goes on has fewer operations.
    const at = Math.ceil(whole.operations * chance.fraction() ** 1.5);
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
    for (let damages = chance.whole(-1, 3); damages > 0; damages--) {
      const isSwap = chance.fraction() < 0.1;
      const done = await (isSwap ? swapTwo : damageOne)(out, chance);
      if (done === undefined) continue;
      counts[isSwap ? "swapped files" : "damaged files"]++;
      isDamaged = true;
    }
  }
  const again = async (start: Start): Promise<string | undefined> => {
    const answer = await host.ask({ ...task, start });
    if (answer?.fault !== undefined) throw failure(`${name}, ${start}: ${answer.fault}`);
    return answer === undefined ? "it was killed" : answer.refusal;
  };
  const isWhole = (): boolean => contentsOf(out) === whole.contents;
  const otherBytes = (start: Start): Error =>
    failure(`${name}, ${start}: other bytes:\n${differences(whole.contents, contentsOf(out))}`);
  if (isDamaged && starts.includes("resume")) {
    const refusal = await again("resume");
    if (refusal !== undefined) counts.refusals++;
    else if (!repairs && used(contentsOf(out)) !== used(whole.contents)) {
      counts["unnoticed damage outside datasets"]++;
    }
    // What was damaged after its end is found by `verify`, and generated again.
    if (refusal === undefined && repairs) {
      if ((await again("repair")) !== undefined) counts.refusals++;
      else if (!isWhole()) throw otherBytes("repair");
      else counts.repaired++;
    }
  }
  const said: string[] = [];
  for (const start of isDamaged ? (["force"] as const) : starts) {
    const refusal = await again(start);
    if (refusal === undefined) {
      if (isWhole()) return;
      throw otherBytes(start);
    }
    said.push(refusal);
  }
  counts.refusals++;
  // Whole already, which is not made again.
  if (!isDamaged && !isWhole()) {
    throw failure(`${name} cannot be started again: ${said.join("; ")}`);
  }
}

/** What a folder holds, but for checkpoints: they are compared with their checksums when they are used. */
function used(contents: string): string {
  const lines = contents.split("\n");
  return lines.filter((line) => !/^checkpoints\/|^[0-9a-f]{64} {2}/.test(line)).join("\n");
}

/**
 * Soaks all commands.
 *
 * @param words `--minutes 60 --rounds N --seed 1 --first 0 --job NAME`
 * @throws a failure where an end was another than an undisturbed job's
 */
export async function soakPipeline(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      ...ROUND_OPTIONS,
      first: { type: "string", default: "0" },
      job: { type: "string", multiple: true, default: [] },
    },
  });
  const { minutes, rounds, seed } = readRounds(values);
  const first = parseCount(values.first, "--first");
  // Those that can begin again whatever they find, and whose result can be compared.
  const all = Object.keys(JOBS).filter(
    (name) => JOBS[name]!.starts.includes("force") && name !== "report",
  );
  const names = values.job.length === 0 ? all : values.job.filter((name) => all.includes(name));
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Counts;
  const told = (): string => KINDS.map((kind) => `${counts[kind]} ${kind}`).join(", ");
  const end = performance.now() + minutes * 60_000;
  const scratch = await mkdtemp(path.join(tmpdir(), "vadi-soak-"));
  const hosts: Host[] = [];
  let [done, findings] = [0, 0];
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
      for (let round = first; done < rounds && performance.now() < until; round++, done++) {
        try {
          await soakJob(name, folder, pair, whole, createChance(seed, round), counts);
        } catch (error) {
          findings++;
          process.stderr.write(
            `FOUND ${messageOf(error)}\nto repeat: npm run soak -- pipeline --job ${name} --seed ${seed} --first ${round} --rounds 1\n`,
          );
        }
      }
      process.stdout.write(`after ${name}: ${done} jobs: ${told()}\n`);
    }
  } finally {
    for (const host of hosts) host.close();
    await rm(scratch, { recursive: true, force: true });
  }
  process.stdout.write(`${done} jobs ended as if undisturbed, or refused: ${told()}.\n`);
  if (findings > 0) throw failure(`${findings} of them ended otherwise.`);
}
