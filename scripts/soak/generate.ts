import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatCount } from "../../src/common/text/numbers.js";
import { parseCount } from "../../src/common/text/parse.js";
import { failure } from "../../src/common/errors.js";
import { MANIFEST_FILE } from "../../src/storage/index.js";
import { createChance, type Chance } from "./chance.js";
import { damageNewest } from "./damage.js";
import { readRounds, ROUND_OPTIONS } from "./options.js";

/*
 * Generates datasets of all kinds, kills or interrupts the process at random moments, damages the newest of the
 * files it leaves, and goes on with --resume and another number of workers, until the dataset is
 * whole. It must then have the very SHA256SUMS of one that was made undisturbed, and have them again
 * when one more file has been damaged and repaired.
 */

const MAIN = fileURLToPath(new URL("../../bundle/main.js", import.meta.url));
/** Starts after which a round is let through to its end. */
const STARTS = 8;

const INTERRUPTED = 130;

interface Ended {
  code: number | null;
  seconds: number;
  errors: string;
}

/** Runs vadi, and sends it a signal after `signalAfter` seconds if it has not ended by then. */
async function runVadi(
  words: readonly string[],
  signal: NodeJS.Signals = "SIGKILL",
  signalAfter = Infinity,
): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, ...words, "--quiet"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const closed = once(child, "close");
  const stop = new AbortController();
  if (Number.isFinite(signalAfter)) {
    wait(signalAfter * 1000, undefined, { signal: stop.signal }).then(
      () => child.kill(signal),
      () => {},
    );
  }
  await closed;
  stop.abort();
  return { code: child.exitCode, seconds: (performance.now() - started) / 1000, errors };
}

/** The words that make a random dataset, all but --out and --workers. */
function chooseDataset(chance: Chance, mostRows: number): string[] {
  const kind = chance.one(["lsm", "two-layer-sigmoid"]);
  const format = chance.one(["arrow", "parquet"]);
  const compression = format === "parquet" ? chance.one(["none", "snappy", "zstd"]) : "none";
  const features = chance.one([1, 3, 10, 17]);
  const rows = chance.whole(Math.ceil(mostRows / 4), mostRows);
  const shards = chance.whole(2, 40);
  const options = {
    rows,
    features,
    format,
    compression,
    "shard-rows": Math.ceil(rows / shards),
    seed: chance.whole(0, 1000),
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return ["generate", kind, ...words];
}

async function mustSucceed(words: readonly string[]): Promise<number> {
  const { code, seconds, errors } = await runVadi(words);
  if (code !== 0) throw failure(`vadi ${words.join(" ")} ended with ${code}: ${errors.trim()}`);
  return seconds;
}

function sumsOf(folder: string): Promise<string> {
  return readFile(path.join(folder, "SHA256SUMS"), "utf8");
}

/** One dataset, disturbed until it is whole. Returns what was done to it. */
async function soakRound(chance: Chance, mostRows: number, folder: string): Promise<string> {
  const dataset = chooseDataset(chance, mostRows);
  const workers = (): string[] => ["--workers", String(chance.whole(1, 4))];
  const whole = path.join(folder, "whole");
  const seconds = await mustSucceed([...dataset, ...workers(), "--out", whole]);

  const out = path.join(folder, "disturbed");
  const isWhole = (): boolean => existsSync(path.join(out, MANIFEST_FILE));
  const done: string[] = [];
  let kills = 0;
  for (let start = 0; !isWhole(); start++) {
    const words = [...dataset, ...workers(), "--out", out, "--resume"];
    if (start >= STARTS) {
      await mustSucceed(words);
      break;
    }
    const signal = chance.one(["SIGKILL", "SIGKILL", "SIGKILL", "SIGINT"] as const);
    // Later rather than sooner: at first there is nothing to lose.
    const moment = Math.sqrt(chance.fraction()) * 0.9 * seconds;
    const { code, errors } = await runVadi(words, signal, moment);
    if (code === 0) break;
    // 130: interrupted in good order.
    if (code !== null && code !== INTERRUPTED)
      throw failure(`--resume ended with ${code}: ${errors.trim()}`);
    kills++;
    // A whole dataset is no longer resumed but verified.
    if (isWhole() || !existsSync(out)) continue;
    for (let damages = chance.whole(0, 3); damages > 0; damages--) {
      const damage = await damageNewest(out, chance);
      if (damage !== undefined) done.push(damage);
    }
  }
  const expected = await sumsOf(whole);
  const told = (): string =>
    `${dataset.slice(1).join(" ")}: ${kills} kills${done.map((text) => `; ${text}`).join("")}`;
  const check = async (words: readonly string[]): Promise<void> => {
    const { code, errors } = await runVadi(["verify", out, ...words]);
    if (code !== 0) {
      throw failure(`The dataset does not verify, after ${told()}: ${errors.trim()}`);
    }
    if ((await sumsOf(out)) !== expected) {
      throw failure(`Other SHA256SUMS than undisturbed, after ${told()}.`);
    }
  };
  await check([]);
  // What breaks later is generated again, shard by shard.
  const damage = await damageNewest(out, chance);
  if (damage !== undefined) done.push(`repaired after ${damage}`);
  await check(["--repair"]);
  await check([]);
  return told();
}

function readOptions(words: string[]): {
  minutes: number;
  rounds: number;
  seed: number;
  rows: number;
} {
  const { values } = parseArgs({
    args: words,
    options: {
      ...ROUND_OPTIONS,
      minutes: { type: "string", default: "10" },
      // The most rows of a dataset.
      rows: { type: "string", default: "4M" },
    },
  });
  return {
    ...readRounds(values),
    rows: Math.max(100, parseCount(values.rows, "--rows")),
  };
}

/**
 * Soaks generation. Each round's choices follow from its seed alone; only where exactly a kill hits
 * depends on the machine.
 *
 * @param words `--minutes 10 --rounds N --seed 1 --rows 4M`
 * @throws a failure at the first dataset that is not what it should be; its folder is kept
 */
export async function soakGenerate(words: string[]): Promise<void> {
  const { minutes, rounds, seed, rows } = readOptions(words);
  const end = performance.now() + minutes * 60_000;
  let round = 0;
  for (; round < rounds && performance.now() < end; round++) {
    const own = seed + round;
    const folder = await mkdtemp(path.join(tmpdir(), "vadi-soak-"));
    let story: string;
    try {
      story = await soakRound(createChance(own, 0), rows, folder);
    } catch (error) {
      process.stderr.write(
        `Failed in ${folder}; to repeat: npm run soak -- generate --seed ${own} --rounds 1 --rows ${rows}\n`,
      );
      throw error;
    }
    await rm(folder, { recursive: true, force: true });
    process.stdout.write(`seed ${own}: ${story}: same SHA256SUMS, verified\n`);
  }
  process.stdout.write(
    `Killed, damaged and resumed: ${formatCount(round)} datasets; each ended as if undisturbed.\n`,
  );
}
