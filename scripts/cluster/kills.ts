import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./spark.js";
import { kill, type Process } from "./processes.js";

/** What was killed, by what it was. */
export type Kills = Record<"executors" | "tasks", number>;

/**
 * Kills a random executor or a random task now and then, while some work lasts.
 *
 * @param random numbers in [0, 1)
 * @param pause the mean time between two kills, in milliseconds
 * @param most after so many kills the work is left alone, so that it ends
 */
export async function whileKilling<Result>(
  cluster: Cluster,
  random: () => number,
  { pause, most }: { pause: number; most: number },
  work: () => Promise<Result>,
): Promise<{ result: Result; kills: Kills }> {
  const kills: Kills = { executors: 0, tasks: 0 };
  const controller = new AbortController();
  const killer = killNowAndThen(cluster, random, { pause, most }, kills, controller.signal);
  try {
    return { result: await work(), kills };
  } finally {
    controller.abort();
    await killer;
  }
}

async function killNowAndThen(
  cluster: Cluster,
  random: () => number,
  { pause, most }: { pause: number; most: number },
  kills: Kills,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && kills.executors + kills.tasks < most) {
    // An executor without a task would have nothing to lose.
    if (tasksOf(cluster).length === 0) {
      await sleep(50);
      continue;
    }
    await sleep(2 * pause * random());
    const tasks = tasksOf(cluster);
    if (signal.aborted || tasks.length === 0) continue;
    const executors = cluster
      .executing()
      .filter(({ command }) => /CoarseGrainedExecutor/.test(command));
    const kind = random() < 0.4 ? "executors" : "tasks";
    const victims = { executors, tasks }[kind];
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim !== undefined && kill(victim.pid)) kills[kind]++;
  }
}

function tasksOf(cluster: Cluster): Process[] {
  return cluster.executing().filter(({ command }) => /main\.js task/.test(command));
}
