import { rm } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../src/common/errors.js";
import { startCluster, type Cluster } from "./spark.js";

/** What vadi_spark.py reports of a stage. */
interface Stage {
  stage: string;
  tasks: number;
  rows: number;
  seconds: number;
  bytesThroughDriver: number;
}

/** The same work on any number of executors. Its first stage is not counted: executors start in it. */
const WORK = "generate two-layer-sigmoid --rows 16M --shard-rows 1M";
const TASKS = 16;

/** Next to no work: what is left is the time of a task itself. */
const EMPTY = "generate two-layer-sigmoid --rows 16 --shard-rows 1 --features 1";
const EMPTY_TASKS = 16;

/** Runs on each number of executors; the fastest counts. */
const REPEATS = 2;

/**
 * Times the same jobs on one and two executors of one core each: seconds and efficiency, t₁/(2·t₂), of each stage, the
 * overhead of a task, and the bytes that pass through the driver.
 */
export async function measure(
  python: string,
  folder: string,
  note: (sentence: string) => void,
): Promise<void> {
  const seconds = new Map<string, number[]>();
  for (const executors of [1, 2]) {
    const cluster = await startCluster(python, path.join(folder, `spark-${executors}`), executors);
    try {
      for (const [work, tasks] of [
        [WORK, TASKS],
        [EMPTY, EMPTY_TASKS],
      ] as const) {
        const fastest = new Map<string, Stage>();
        for (let repeat = 0; repeat < REPEATS; repeat++) {
          for (const stage of await stagesOf(cluster, work, tasks, path.join(folder, "data"))) {
            const earlier = fastest.get(stage.stage);
            if (earlier === undefined || stage.seconds < earlier.seconds) {
              fastest.set(stage.stage, stage);
            }
          }
        }
        for (const { stage, rows, ...found } of [...fastest.values()].slice(1)) {
          const each = (1000 * found.seconds * executors) / found.tasks;
          note(
            `${executors} executor(s), ${work}, ${stage}: ${found.tasks} tasks in ${found.seconds} s, ` +
              `${each.toFixed(0)} ms of an executor a task, ${(rows / found.seconds / 1e6).toFixed(3)} M rows/s, ` +
              `${(found.bytesThroughDriver / found.tasks).toFixed(0)} bytes a task through the driver`,
          );
          const key = `${work}, ${stage}`;
          seconds.set(key, [...(seconds.get(key) ?? []), found.seconds]);
        }
      }
    } finally {
      await cluster.stop();
    }
  }
  for (const [key, [one = 0, two = 1]] of seconds) {
    note(`Efficiency of two executors, ${key}: ${(one / (2 * two)).toFixed(2)}`);
  }
}

async function stagesOf(
  cluster: Cluster,
  work: string,
  tasks: number,
  out: string,
): Promise<Stage[]> {
  const words = ["--tasks", String(tasks), "--", ...work.split(" "), "--out", out];
  const { code, stdout, stderr } = await cluster.submit(words);
  if (code !== 0) throw failure(`${work} ended with ${code}: ${stderr}`);
  await rm(out, { recursive: true });
  const lines = stdout.split("\n").filter((line) => line.startsWith('{"stage"'));
  return lines.map((line) => JSON.parse(line) as Stage);
}
