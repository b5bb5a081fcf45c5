import path from "node:path";
import { failure, throwIfAborted } from "../../common/errors.js";
import { loadModel } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { checkSnapshot, snapshotSteps, type Run } from "../../train/index.js";
import { sameLayers, vectorsOf } from "./weights.js";

/** The weights at one step of a training. */
export interface Snapshot {
  step: number;
  network: Network;
}

/** The most bytes of snapshots in memory; if there are more, evenly spaced ones are read. */
const MEMORY = 256 * 1024 * 1024;

/**
 * Reads the snapshots of a run, `path/step-N/`, in the order of their steps.
 *
 * @throws a failure where there are none, or one is damaged or of another model
 */
export async function readSnapshots(run: Run, signal?: AbortSignal): Promise<Snapshot[]> {
  const steps = await snapshotSteps(run);
  if (steps.length === 0) {
    throw failure(
      (option) =>
        `${run.dir} has no snapshots of its training's path (path/step-N): train it again, or choose another ${option("along")}.`,
    );
  }
  const shape = await run.weights();
  const bytes = vectorsOf(shape).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const chosen = thinned(steps, Math.max(2, Math.floor(MEMORY / bytes)));
  const snapshots: Snapshot[] = [];
  for (const step of chosen) {
    throwIfAborted(signal);
    snapshots.push({ step, network: await readSnapshot(run, step, shape) });
  }
  return snapshots;
}

/**
 * Reads the snapshot of a step.
 *
 * @param shape the network that the run ended with
 * @throws a failure where the snapshot is damaged or of another model
 */
export async function readSnapshot<N extends Network>(
  { dir }: Pick<Run, "dir">,
  step: number,
  shape: N,
): Promise<N> {
  const folder = path.join(dir, "path", `step-${step}`);
  await checkSnapshot(folder);
  const network = await loadModel(folder);
  // The same layers make the same kind of network.
  if (sameLayers(network, shape)) return network as N;
  throw failure(`${folder} holds another model than ${dir} ended with; train the run again.`);
}

/** At most `most` of the steps, evenly spaced, with the first and the last. */
function thinned(steps: readonly number[], most: number): number[] {
  if (steps.length <= most) return [...steps];
  const last = steps.length - 1;
  return Array.from(
    { length: most },
    (_, index) => steps[Math.round((index * last) / (most - 1))]!,
  );
}
