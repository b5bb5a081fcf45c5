import path from "node:path";
import { failure } from "../common/errors.js";
import { readJson } from "../storage/index.js";
import { loadNetwork } from "../train/index.js";
import { recordFile, recordSchema } from "./record.js";
import { readSlices, readSummary } from "./tables.js";
import type { Landscape, LandscapeRecord, SliceCurve } from "./types.js";

/** Opens a landscape's folder. Throws a failure where it is not one. */
export async function openLandscape(dir: string): Promise<Landscape> {
  const folder = path.resolve(dir);
  const record = await readJson(
    path.join(folder, recordFile),
    recordSchema,
    "a landscape's record",
  );
  return {
    dir: folder,
    record,
    curves: () => readCurves(path.join(folder, "slices.parquet"), record),
    summary: () => readSummary(path.join(folder, "summary.parquet")),
    centre: () => loadNetwork(path.join(folder, "centre")),
    direction: () => loadNetwork(path.join(folder, record.directions[0]!)),
  };
}

async function readCurves(
  file: string,
  { alphas, batches }: LandscapeRecord,
): Promise<SliceCurve[]> {
  const { batch, loss } = await readSlices(file);
  const points = alphas.length;
  const agrees =
    batch!.length === batches.length * points &&
    batch!.every((value, row) => value === batches[Math.floor(row / points)]);
  if (!agrees) {
    throw failure(
      `${file} does not hold the batches and points that ${recordFile} names; compute the landscape again.`,
    );
  }
  return batches.map((number, index) => ({
    batch: number,
    losses: loss!.slice(index * points, (index + 1) * points),
  }));
}
