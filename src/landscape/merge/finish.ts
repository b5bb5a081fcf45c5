import { mkdir } from "node:fs/promises";
import path from "node:path";
import { throwIfAborted } from "../../common/errors.js";
import { createPause } from "../../common/pause.js";
import { writeFileAtomic } from "../../files/atomic.js";
import type { LossLog } from "../summary/loss-log.js";
import { pointsOf } from "../points/grid.js";
import type { AnyGrid } from "../points/grid.js";
import { saveAxes } from "../resume-plan.js";
import { recordFile } from "../store/record.js";
import { barriersOf } from "../summary/barrier.js";
import { scaleSymmetryOf } from "../summary/scale-symmetry.js";
import { summarise } from "../summary/summary.js";
import { writeMeans, writeSlices, writeSummary, writeSurface } from "../store/tables.js";
import type { LandscapeOptions, LandscapeRecord } from "../points/types.js";

/** The means of the linear model's batches, which are kept whether their curves are or not. */
export const meansFile = "means.parquet";

/** Up to this many losses, every batch's curve is kept by default. */
const MOST_KEPT = 5_000_000;

/** Whether the curves are kept. */
export function keepOf(
  keep: LandscapeOptions["keep"],
  batches: number,
  points: number,
): "all" | "summary" {
  return keep ?? (batches * points <= MOST_KEPT ? "all" : "summary");
}

/** Writes all files of a landscape into a folder, from the losses in the log, in the order of the batches. */
export async function writeResult(
  folder: string,
  grid: AnyGrid,
  log: LossLog,
  record: LandscapeRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pause = createPause(signal);
  const { batches } = record;
  const points = { alphas: grid.alphas, betas: grid.betas, batches };
  await mkdir(folder, { recursive: true });
  await saveAxes(folder, grid);
  if (record.keep === "all") {
    await writeSlices(path.join(folder, "slices.parquet"), points, log, pause);
  }
  if (log.curves.means.length > 0) await writeMeans(path.join(folder, meansFile), batches, log);
  const summary = await summarise(log, batches, pointsOf(grid), pause);
  await writeSummary(path.join(folder, "summary.parquet"), points, summary);
  if (record.kind === "plane") {
    await writeSurface(path.join(folder, "surface.parquet"), points, summary);
  }
  const symmetry =
    record.method === "scale-sums" ? scaleSymmetryOf(meansOf(log, batches)) : undefined;
  const whole = {
    ...record,
    ...barriersOf(record, summary.mean),
    ...(symmetry && { symmetry }),
  };
  await writeFileAtomic(path.join(folder, recordFile), `${JSON.stringify(whole, null, 2)}\n`);
  throwIfAborted(signal);
}

/** The means of each batch. */
function meansOf(log: LossLog, batches: readonly number[]): Float64Array[] {
  return batches.map((batch) => {
    const means = new Float64Array(log.curves.width);
    log.read(means, batch);
    return means;
  });
}
