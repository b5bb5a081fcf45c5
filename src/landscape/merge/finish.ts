import { mkdir } from "node:fs/promises";
import path from "node:path";
import { throwIfAborted } from "../../common/errors.js";
import { breather } from "../../common/pause.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { allEnded } from "../all-ended.js";
import type { LossLog } from "../summary/loss-log.js";
import { pointsOf } from "../points/grid.js";
import type { AnyGrid } from "../points/grid.js";
import { saveAxes } from "../plan.js";
import { recordFile } from "../store/record.js";
import { summarise } from "../summary/summary.js";
import { writeMeans, writeSlices, writeSummary, writeSurface } from "../store/tables.js";
import type { LandscapeOptions, LandscapeRecord } from "../points/types.js";

/** What is kept of the linear model's batches, whether their curves are or not. */
export const meansFile = "means.parquet";

/** Losses up to which every batch's curve is kept unless something else is asked for. */
const mostKept = 5_000_000;

/** Whether the curves are kept. */
export function keepOf(
  keep: LandscapeOptions["keep"],
  batches: number,
  points: number,
): "all" | "summary" {
  return keep ?? (batches * points <= mostKept ? "all" : "summary");
}

/** Writes all files of a landscape into a folder, from the losses in the log, in the order of the batches. */
export async function writeResult(
  folder: string,
  grid: AnyGrid,
  log: LossLog,
  record: LandscapeRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const breathe = breather(signal);
  const { batches } = record;
  const points = { alphas: grid.alphas, betas: grid.betas, batches };
  await mkdir(folder, { recursive: true });
  await allEnded([
    saveAxes(folder, { centre: grid.centre, directions: [...grid.directions] }),
    ...(record.keep === "all"
      ? [writeSlices(path.join(folder, "slices.parquet"), points, log, breathe)]
      : []),
    ...(log.curves.areMeans ? [writeMeans(path.join(folder, meansFile), batches, log)] : []),
    writeSummaries(),
  ]);

  async function writeSummaries(): Promise<void> {
    const summary = await summarise(log, batches, pointsOf(grid), breathe);
    await writeSummary(path.join(folder, "summary.parquet"), points, summary);
    if (record.kind === "plane") {
      await writeSurface(path.join(folder, "surface.parquet"), points, summary);
    }
  }

  await writeFileAtomic(path.join(folder, recordFile), `${JSON.stringify(record, null, 2)}\n`);
  throwIfAborted(signal);
}
