import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseCount } from "../../src/common/text/parse.js";
import { openPython, type Python } from "./python.js";

/** The folder of the compiled scripts. */
export const HERE: string = fileURLToPath(new URL(".", import.meta.url));
/** The package's root, above dist/scripts/bench. */
const ROOT = path.join(HERE, "../../..");
/** The folder of the scripts' sources, among them those in Python. */
export const SOURCES: string = path.join(ROOT, "scripts/bench");
/** The program of `vadi`. */
export const MAIN: string = fileURLToPath(new URL("../../bundle/main.js", import.meta.url));

/** The words that every benchmark takes, as `parseArgs` of node:util wants them. */
export const COMMON: {
  runs: { type: "string"; default: string };
  folder: { type: "string"; default: string };
  "skip-python": { type: "boolean"; default: boolean };
  json: { type: "boolean"; default: boolean };
} = {
  runs: { type: "string", default: "3" },
  // Where Python's environments are kept and the files lie: its disk is the one measured.
  folder: { type: "string", default: path.join(ROOT, ".bench") },
  "skip-python": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
};

/** What they say. */
export interface CommonOptions {
  runs: number;
  folder: string;
  skipPython: boolean;
  json: boolean;
}

/** Reads the values of `COMMON`, and makes the folder. */
export async function readCommon(values: {
  runs: string;
  folder: string;
  "skip-python": boolean;
  json: boolean;
}): Promise<CommonOptions> {
  const folder = path.resolve(values.folder);
  await mkdir(folder, { recursive: true });
  const { "skip-python": skipPython, json } = values;
  return { runs: atLeastOne(values.runs, "--runs"), folder, skipPython, json };
}

/** A count of at least 1. */
export function atLeastOne(text: string, option: string): number {
  return Math.max(1, parseCount(text, option));
}

/** Tells on stderr how far the benchmark is. */
export function note(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/**
 * A Python with the packages of one of the files in requirements/.
 *
 * @returns undefined where there is none, or it is not wanted
 */
export async function openPeers(
  requirements: string,
  { skipPython, folder }: CommonOptions,
): Promise<Python | undefined> {
  if (skipPython) return undefined;
  return openPython(path.join(SOURCES, "requirements", requirements), folder, note);
}

/** Why Python's programs are missing among the figures, where they are. */
export function whyMissing(
  python: Python | undefined,
  { skipPython }: CommonOptions,
  programs: string,
): string[] {
  if (python !== undefined) return [];
  return skipPython
    ? ["Without Python's peers, as asked."]
    : [`There is no python3 here: ${programs} left out.`];
}
