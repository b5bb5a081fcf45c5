import path from "node:path";
import { interruption, usageError } from "../../common/errors.js";
import { shellWord } from "../../common/command-line.js";
import { createPause } from "../../common/pause.js";
import { outputError } from "../../files/output-folder.js";
import type { Network } from "../../model/index.js";
import { vectorsOf } from "../directions/weights.js";
import { keepOf, writeResult } from "./finish.js";
import { LOG_FILE, openLossLog } from "../summary/loss-log.js";
import { linesOf, pointsOf } from "../points/grid.js";
import type { AnyGrid } from "../points/grid.js";
import { openLandscape } from "../store/open.js";
import { openOutput } from "../store/output.js";
import { valuesOfParts } from "./batch-values.js";
import type { Landscape, LandscapeRecord, MergeOptions } from "../points/types.js";
import { outputPath } from "../../files/output-path.js";

/** What must be the same in all parts. */
const SAME = [
  "kind",
  "along",
  "normalize",
  "seed",
  "scale",
  "alphas",
  "betas",
  "batchSize",
  "method",
  "alignment",
] as const;

/**
 * Merges landscapes of different batches, computed with the same options on one machine or several.
 * The result has the same numbers as one landscape of all batches, whatever the order of the parts.
 *
 * @param parts landscapes or their folders, with the curves of their batches or, of the linear model,
 *   the means from which the curves are computed
 * @param named what the record's command names instead of the parts
 * @returns the merged landscape, as read back from its folder
 * @throws a usage error where the parts differ in more than their batches, share a batch or have no
 *   curves, or where the folder holds something else; an interruption once `signal` is aborted
 */
export async function mergeLandscapes(
  parts: readonly (Landscape | string)[],
  options: MergeOptions,
  named?: readonly string[],
): Promise<Landscape> {
  const { out: folder, force = false, keep, signal } = options;
  const opened = await Promise.all(
    parts.map((part) => (typeof part === "string" ? openLandscape(part) : part)),
  );
  const [first] = opened;
  if (first === undefined) throw usageError("Name the landscapes that are to be put together.");
  const grid = await gridOf(first);
  for (const other of opened.slice(1)) await checkSame(first, grid, other);
  const batches = batchesOf(opened);
  const { curves, valuesOf } = valuesOfParts(opened, grid);
  const out = outputPath(folder);
  const output = await openOutput(out, { force, resume: false });
  try {
    const pause = createPause(signal);
    const points = pointsOf(grid);
    const log = openLossLog(path.join(output.partial, LOG_FILE), curves);
    try {
      for (const part of opened) {
        for await (const [batch, values] of valuesOf(part)) {
          log.append(batch, values);
          await pause();
        }
      }
      const words = named ?? opened.map(({ dir }) => dir);
      const record = recordOf(opened, batches, keepOf(keep, batches.length, points), words, out);
      await writeResult(output.result, grid, log, record, signal);
    } finally {
      log.close();
    }
    await output.commit();
  } catch (error) {
    await output.discard();
    if (signal?.aborted) {
      throw interruption(
        "The merge was interrupted, and nothing of it is kept; the same command starts it again.",
      );
    }
    throw outputError(out, { name: "a landscape" }, error);
  }
  return openLandscape(out);
}

async function gridOf(part: Landscape): Promise<AnyGrid> {
  return {
    ...(await part.axes()),
    alphas: Float64Array.from(part.record.alphas),
    betas: Float64Array.from(linesOf(part.record)),
  };
}

async function checkSame(first: Landscape, grid: AnyGrid, other: Landscape): Promise<void> {
  const refuse = (what: string): never => {
    throw usageError(
      (option) =>
        `${first.dir} and ${other.dir} are not parts of one landscape: they differ in ${what}; make all parts with the same options but ${option("batches")}.`,
    );
  };
  if (first.record.dataset.fingerprint !== other.record.dataset.fingerprint) refuse("the dataset");
  for (const name of SAME) {
    if (JSON.stringify(first.record[name]) !== JSON.stringify(other.record[name])) refuse(name);
  }
  const theirs = await gridOf(other);
  const networks = networksOf(grid);
  for (const [index, network] of networksOf(theirs).entries()) {
    if (!sameNumbers(networks[index]!, network)) {
      refuse(index === 0 ? "their centre" : `direction ${index}`);
    }
  }
}

function networksOf({ centre, directions, unaligned }: AnyGrid): Network[] {
  return [centre, ...directions, ...(unaligned ? [unaligned] : [])];
}

function sameNumbers(one: Network, other: Network): boolean {
  const others = vectorsOf(other);
  return vectorsOf(one).every(
    (vector, index) =>
      vector.length === others[index]?.length &&
      vector.every((value, at) => Object.is(value, others[index]![at])),
  );
}

/** The batches of all parts, ascending. */
function batchesOf(parts: readonly Landscape[]): number[] {
  const owner = new Map<number, string>();
  for (const { dir, record } of parts) {
    for (const batch of record.batches) {
      const before = owner.get(batch);
      if (before !== undefined) {
        throw usageError(
          `Batch ${batch} is both in ${before} and in ${dir}; each may be in one part.`,
        );
      }
      owner.set(batch, dir);
    }
  }
  return [...owner.keys()].toSorted((one, other) => one - other);
}

function recordOf(
  parts: readonly Landscape[],
  batches: number[],
  keep: "all" | "summary",
  named: readonly string[],
  out: string,
): LandscapeRecord {
  const records = parts.map(({ record }) => record);
  const first = records[0]!;
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  const rows = records.reduce((sum, record) => sum + record.rows, 0);
  const points = first.alphas.length * linesOf(first).length;
  const words = named.map(shellWord).toSorted();
  return {
    ...first,
    batches,
    keep,
    command: `vadi merge ${words.join(" ")} --out ${shellWord(out)}`,
    simd: records.every(({ simd }) => simd === first.simd) ? first.simd : "mixed",
    rows,
    seconds,
    rowPointsPerSecond: (rows * points) / Math.max(seconds, 1e-6),
  };
}
