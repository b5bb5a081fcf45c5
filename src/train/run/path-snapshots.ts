import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode } from "../../common/errors.js";
import { modelFiles } from "../../model/index.js";
import type { Network } from "../../model/index.js";
import { checkFiles, CHECKSUMS_FILE, checksumsText } from "../../files/checksums.js";
import { exists } from "../../files/folders.js";
import { hashBytes } from "../../files/hash.js";
import type { Run } from "../types.js";
import { RUN_FILES } from "./run-folder.js";

const WEIGHTS_FILE = "weights.bin";
const MODEL_FILE = "model.json";

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
  let kept: string[];
  try {
    mkdirSync(dir, { recursive: true });
    for (const name of readdirSync(dir)) {
      const step = Number(/^step-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
      if (!(step <= after) || step % interval !== 0) {
        rmSync(path.join(dir, name), { recursive: true, force: true });
      }
    }
    kept = readdirSync(dir);
  } catch (error) {
    throw failure(`Could not prepare ${dir} for snapshots: ${messageOf(error)}.`, error);
  }
  // Those that stay are not written again.
  for (const name of kept) await checkSnapshot(path.join(dir, name));
  return {
    isDue: (step) => step % interval === 0,
    write(step, weights) {
      const folder = path.join(dir, `step-${step}`);
      if (exists(folder)) return;
      const temporary = `${folder}.tmp`;
      try {
        mkdirSync(temporary, { recursive: true });
        const numbers = Buffer.concat(
          weights.map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
        );
        const files = { [WEIGHTS_FILE]: numbers, [MODEL_FILE]: json };
        const sums = Object.entries(files).map(([file, content]) => {
          writeFileSync(path.join(temporary, file), content);
          return { file, sha256: hashBytes(content) };
        });
        writeFileSync(path.join(temporary, CHECKSUMS_FILE), checksumsText(sums));
        renameSync(temporary, folder);
      } catch (error) {
        throw failure(`Could not write the snapshot ${folder}: ${messageOf(error)}.`, error);
      }
    },
  };
}

/** The steps of a run's snapshots, ascending; none where it has none. */
export async function snapshotSteps({ dir }: Pick<Run, "dir">): Promise<number[]> {
  const folder = path.join(dir, RUN_FILES.path);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") {
      throw failure(`Could not read ${folder}: ${messageOf(error)}.`, error);
    }
    names = [];
  }
  return names
    .map((name) => Number(/^step-(\d{1,15})$/.exec(name)?.[1] ?? NaN))
    .filter((step) => !Number.isNaN(step))
    .toSorted((one, other) => one - other);
}

/**
 * Compares the files of a snapshot with their checksums.
 *
 * @throws a failure that names the file that is damaged or missing
 */
export async function checkSnapshot(folder: string): Promise<void> {
  await checkFiles(folder, [WEIGHTS_FILE, MODEL_FILE]);
}
