import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod/mini";
import { failure, messageOf } from "../../../src/common/errors.js";
import { SOURCES } from "../options.js";

/*
 * The document with everything that `npm run bench` has measured.
 */

const spread = z.object({ median: z.number(), least: z.number(), most: z.number() });

const ratio = z.object({ name: z.string(), value: z.number(), goal: z.string() });

/** What a program's runs came to; some stages measure more. */
const measured = z.object({
  name: z.string(),
  rows: z.number(),
  seconds: spread,
  peakRssBytes: z.optional(z.number()),
  epoch: z.optional(
    z.object({ seconds: z.number(), firstBatch: z.number(), peakRssBytes: z.number() }),
  ),
});

const growthSeries = z.object({
  stage: z.string(),
  variable: z.string(),
  unit: z.enum(["s", "s a row"]),
  points: z.array(
    z.object({
      value: z.number(),
      seconds: z.number(),
      cpuSeconds: z.number(),
      peakRssBytes: z.number(),
    }),
  ),
  exponent: z.number(),
  most: z.number(),
});

const concern = z.object({
  concern: z.string(),
  runs: z.number(),
  machine: z.object({
    cores: z.number(),
    processor: z.string(),
    memoryBytes: z.number(),
    system: z.string(),
    versions: z.array(z.string()),
  }),
  /** Programs that were to take part and did not. */
  missing: z.optional(z.array(z.string())),
  ratios: z.array(ratio),
  measured: z.optional(z.array(measured)),
  series: z.optional(z.array(growthSeries)),
});

const results = z.object({
  date: z.string(),
  quick: z.boolean(),
  /** What a reader should know of the machine, such as that other work shared it; added by hand. */
  note: z.optional(z.string()),
  concerns: z.array(concern),
});

export type Results = z.infer<typeof results>;
export type Concern = Results["concerns"][number];
export type MeasuredProgram = NonNullable<Concern["measured"]>[number];
export type GrowthSeries = NonNullable<Concern["series"]>[number];

/** Reads a file that `npm run bench` has written. */
export async function readResults(file: string): Promise<Results> {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw failure(`Could not read the results in ${file}: ${messageOf(error)}.`, error);
  }
  const read = results.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw failure(`${file} is not a file of results: ${field}: ${issue?.message ?? "unreadable"}.`);
}

/** The project's folder. */
export const PROJECT: string = path.join(SOURCES, "../..");

/** Where the figures of the documents come from. */
const CITED = /bench\/results\/\d[\w.-]+\.json/;

/** The results that docs/benchmarks.md cites; undefined where it cites none. */
export async function citedResults(): Promise<{ file: string; results: Results } | undefined> {
  const text = await readFile(path.join(PROJECT, "docs/benchmarks.md"), "utf8");
  const [file] = CITED.exec(text) ?? [];
  if (file === undefined) return undefined;
  return { file, results: await readResults(path.join(PROJECT, file)) };
}
