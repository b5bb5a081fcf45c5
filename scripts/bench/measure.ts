import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import type { Sample } from "./peers/peer.js";

/** A program that takes part. */
export interface Entrant {
  name: string;
  /** Rows that a run makes. */
  rows: number;
  /** Runs it once; what it writes goes into `out`, a folder that is not there yet. */
  run(out: string): Promise<Sample & Record<string, unknown>>;
}

/** What an entrant's runs came to. */
export interface Measurement {
  name: string;
  rows: number;
  seconds: { median: number; least: number; most: number };
  rowsPerSecond: number;
  /** Written by a run; 0 where there are no files. */
  bytes: number;
  /** The most of all runs. */
  peakRssBytes: number;
  /** What the last run told besides. */
  told: Record<string, unknown>;
}

/** The median; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * Runs a program to its end and reads the JSON document that it prints.
 *
 * @param environment variables besides this process's own
 * @throws a failure with the program's last line where it fails
 */
export async function runProgram(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Sample & Record<string, unknown>> {
  try {
    const env = { ...process.env, ...environment };
    const { stdout } = await promisify(execFile)(program, words, { maxBuffer: 2 ** 24, env });
    return JSON.parse(stdout) as Sample & Record<string, unknown>;
  } catch (error) {
    const told = messageOf(error).trim().split("\n").at(-1);
    throw failure(`${path.basename(words[0] ?? program)} failed: ${told}`, error);
  }
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(path.join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Runs all entrants one after the other, `runs` times over, so that whatever else the machine does
 * meets each of them alike.
 *
 * @param folder on the disk that is measured; nothing is left in it
 */
export async function measure(
  entrants: readonly Entrant[],
  runs: number,
  folder: string,
  onRun: (entrant: Entrant, run: number) => void,
): Promise<Measurement[]> {
  const samples = entrants.map((): (Sample & Record<string, unknown>)[] => []);
  const bytes = entrants.map(() => 0);
  for (let run = 0; run < runs; run++) {
    for (const [index, entrant] of entrants.entries()) {
      onRun(entrant, run);
      const place = await mkdtemp(path.join(folder, "run-"));
      try {
        const out = path.join(place, "out");
        samples[index]?.push(await entrant.run(out));
        bytes[index] = await folderBytes(out);
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    }
  }
  return entrants.map(({ name, rows }, index): Measurement => {
    const own = samples[index] ?? [];
    const seconds = own.map((sample) => sample.seconds);
    return {
      name,
      rows,
      seconds: {
        median: median(seconds),
        least: Math.min(...seconds),
        most: Math.max(...seconds),
      },
      rowsPerSecond: rows / median(seconds),
      bytes: bytes[index] ?? 0,
      peakRssBytes: Math.max(...own.map((sample) => sample.peakRssBytes)),
      told: own.at(-1) ?? {},
    };
  });
}
