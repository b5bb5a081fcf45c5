import { messageOf, usageError, VadiError } from "../../src/common/errors.js";

/*
 * `npm run bench -- CONCERN`: measures one concern beside what a user would pick instead, each in
 * the same run, and prints the figures and their ratios; `npm run bench` measures all stages.
 */

/** One file a concern; each reads the words that follow its name, and returns what is printed. */
const CONCERNS: ReadonlyMap<string, () => Promise<(words: string[]) => Promise<string>>> = new Map([
  ["all", async () => (await import("./all.js")).benchAll],
  ["buckets", async () => (await import("./buckets.js")).benchBuckets],
  ["convert", async () => (await import("./convert.js")).benchConvert],
  ["curvature", async () => (await import("./curvature.js")).benchCurvature],
  ["generate", async () => (await import("./generate.js")).benchGenerate],
  ["cite", async () => (await import("./results/cite.js")).benchCite],
  ["growth", async () => (await import("./growth.js")).benchGrowth],
  ["landscape", async () => (await import("./landscape.js")).benchLandscape],
  ["train", async () => (await import("./train.js")).benchTrain],
  ["report", async () => (await import("./report.js")).benchReport],
  ["rows", async () => (await import("./rows.js")).benchRows],
  ["start", async () => (await import("./start.js")).benchStart],
  ["stream", async () => (await import("./stream.js")).benchStream],
]);

async function run(name: string | undefined, words: string[]): Promise<string> {
  const open = CONCERNS.get(name ?? "all");
  if (open === undefined) {
    throw usageError(`Say what to measure: npm run bench -- ${[...CONCERNS.keys()].join(" | ")}.`);
  }
  return (await open())(words);
}

// Without a name, all stages: `npm run bench -- --quick`.
const given = process.argv.slice(2);
const [concern, ...rest] = given[0]?.startsWith("--") === true ? ["all", ...given] : given;
try {
  process.stdout.write(`${await run(concern, rest)}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  const isUsage = error instanceof VadiError ? error.kind === "usage" : error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
