import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { failure, messageOf } from "../../common/errors.js";
import { modelFiles } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { exists } from "../../files/folders.js";

/** Snapshots that a run keeps at the most. */
const MOST = 256;

/** The weights on the way, for landscapes along the path. */
export interface PathSnapshots {
  /** Whether a snapshot is due after a step. */
  isDue(step: number): boolean;
  /** Writes a snapshot as `step-N/`, in the form of the run's `model/`. */
  write(step: number, weights: readonly Float32Array[]): void;
}

/** The least power of two that leaves at most 256 of the steps 0 … steps. */
export function snapshotInterval(steps: number): number {
  let interval = 1;
  while (Math.floor(steps / interval) + 1 > MOST) interval *= 2;
  return interval;
}

/**
 * Snapshots of the weights at regular intervals. The interval doubles with the length of the training:
 * a run that is resumed for more epochs drops every other snapshot.
 *
 * @param after removes snapshots of later steps, which are taken again
 */
export async function openPathSnapshots(
  dir: string,
  network: Network,
  steps: number,
  after: number,
): Promise<PathSnapshots> {
  const interval = snapshotInterval(steps);
  const { "model.json": json } = await modelFiles(network);
  try {
    mkdirSync(dir, { recursive: true });
    for (const name of readdirSync(dir)) {
      const step = Number(/^step-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
      if (!(step <= after) || step % interval !== 0) {
        rmSync(path.join(dir, name), { recursive: true, force: true });
      }
    }
  } catch (error) {
    throw failure(`Could not prepare ${dir} for snapshots: ${messageOf(error)}.`, error);
  }
  return {
    isDue: (step) => step % interval === 0,
    write(step, weights) {
      const folder = path.join(dir, `step-${step}`);
      if (exists(folder)) return;
      const temporary = `${folder}.tmp`;
      try {
        mkdirSync(temporary, { recursive: true });
        writeFileSync(
          path.join(temporary, "weights.bin"),
          Buffer.concat(
            weights.map((values) =>
              Buffer.from(values.buffer, values.byteOffset, values.byteLength),
            ),
          ),
        );
        writeFileSync(path.join(temporary, "model.json"), json);
        renameSync(temporary, folder);
      } catch (error) {
        throw failure(`Could not write the snapshot ${folder}: ${messageOf(error)}.`, error);
      }
    },
  };
}
