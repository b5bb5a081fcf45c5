import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { failure, messageOf, usageError } from "../../src/common/errors.js";
import { openPython } from "../bench/python.js";
import { fillRandomWords } from "../../src/generate/index.js";
import { checkJobs } from "./jobs.js";
import { measure } from "./measure.js";
import { startCluster } from "./spark.js";
import { startStore } from "./store.js";

/*
 * `npm run cluster` starts a standalone Spark cluster on loopback, a master and two workers of one core each, runs
 * jobs on it by engines/spark/vadi_spark.py with speculation on, kills executors, tasks and the driver at random
 * moments, and checks that the results have the bytes of one machine.
 *
 * - `--quick`: fewer rows and kills, about a minute, for CI
 * - `--measure`: time on one and two executors instead, the overhead of a task, and bytes through the driver
 * - `--seed N`: repeats the random numbers of an earlier run
 *
 * Where TEST_S3_SERVER names a versitygw, a job writes to a bucket of it as well. It needs Linux, Java 17 and python3; PySpark comes from PyPI into `--folder .bench`, or is that of `--python`.
 */

const requirements = fileURLToPath(
  new URL("../../../scripts/cluster/requirements.txt", import.meta.url),
);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      measure: { type: "boolean", default: false },
      folder: { type: "string", default: ".bench" },
      python: { type: "string" },
      seed: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? randomInt(2 ** 32));
  if (!Number.isInteger(seed))
    throw usageError(`--seed must be a whole number, not ${values.seed}.`);
  if (spawnSync("java", ["-version"]).status !== 0) {
    throw failure(
      "There is no Java for Spark: install Java 17, as Debian's openjdk-17-jre-headless.",
    );
  }
  await mkdir(values.folder, { recursive: true });
  const place = path.resolve(values.folder);
  const python = values.python ?? (await openPython(requirements, place, note))?.program;
  if (python === undefined) throw failure("There is no python3 to run PySpark with.");
  const folder = await mkdtemp(path.join(place, "cluster-"));
  try {
    if (values.measure) return await measure(python, folder, note);
    note(`Random numbers of seed ${seed}`);
    const program = process.env["TEST_S3_SERVER"];
    const store = program === undefined ? undefined : await startStore(program, folder);
    try {
      const cluster = await startCluster(python, path.join(folder, "spark"), 2);
      try {
        await checkJobs(cluster, store, folder, fractions(seed), values.quick, note);
      } finally {
        await cluster.stop();
      }
    } finally {
      store?.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function note(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** Random numbers in [0, 1) that depend on a seed. */
function fractions(seed: number): () => number {
  const words = new Uint32Array(4096);
  fillRandomWords(words, seed, 0, 0);
  let at = 0;
  return () => (words[at++ % words.length] ?? 0) / 2 ** 32;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
