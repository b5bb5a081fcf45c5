import path from "node:path";
import { failure } from "../../common/errors.js";
import { checkFiles } from "../../files/checksums.js";
import { checkInside } from "../../files/inside.js";
import { readJson } from "../../files/read-json.js";
import { loadModel, loadNetwork } from "../../model/index.js";
import { linesOf } from "../points/grid.js";
import { LANDSCAPE_FILES } from "./output.js";
import { recordFile, landscapeRecordSchema, unalignedFolder } from "./record.js";
import { readSlices, readSummary, readSurface } from "./tables.js";
import type { Landscape, LandscapeRecord, SliceCurve, Surface } from "../points/types.js";

/**
 * Opens a landscape's folder.
 *
 * @throws a failure where it is not one, or a file is damaged
 */
export async function openLandscape(dir: string): Promise<Landscape> {
  const folder = path.resolve(dir);
  const record = await readJson(
    path.join(folder, recordFile),
    landscapeRecordSchema,
    "a landscape's record",
  );
  await checkInside(folder, [...LANDSCAPE_FILES, ...record.directions]);
  await checkFiles(folder, [recordFile]);
  const directions = record.directions.map((name) => path.join(folder, name));
  return {
    dir: folder,
    record,
    curves: () => readCurves(folder, record),
    summary: () => readSummary(path.join(folder, "summary.parquet")),
    surface: () => surfaceOf(folder, record),
    axes: async () => ({
      centre: await loadModel(path.join(folder, "centre")),
      directions: await Promise.all(directions.map(loadModel)),
      ...(record.alignment && { unaligned: await loadModel(path.join(folder, unalignedFolder)) }),
    }),
    centre: () => loadNetwork(path.join(folder, "centre")),
    direction: () => loadNetwork(directions[0]!),
    unaligned: () => loadNetwork(path.join(folder, unalignedFolder)),
    directions: () => Promise.all(directions.map(loadNetwork)),
  };
}

async function readCurves(folder: string, record: LandscapeRecord): Promise<SliceCurve[]> {
  const { alphas, batches, keep } = record;
  const betas = linesOf(record);
  if (keep === "summary") {
    throw failure(
      (option) =>
        `${folder} holds no curves of single batches: it was made with ${option("keep")} summary; compute it again with ${option("keep")} all.`,
    );
  }
  const file = path.join(folder, "slices.parquet");
  const { batch, slice, loss } = await readSlices(file);
  const width = alphas.length;
  const points = width * betas.length;
  const agrees =
    batch!.length === batches.length * points &&
    batch!.every((value, row) => value === batches[Math.floor(row / points)]) &&
    slice!.every((value, row) => value === Math.floor((row % points) / width));
  if (!agrees) {
    throw failure(
      `${file} does not hold the batches and points that ${recordFile} names; compute the landscape again.`,
    );
  }
  return batches.flatMap((number, index) =>
    betas.map((_, line) => ({
      slice: line,
      batch: number,
      losses: loss!.slice(index * points + line * width, index * points + (line + 1) * width),
    })),
  );
}

async function surfaceOf(folder: string, { alphas, betas }: LandscapeRecord): Promise<Surface> {
  const file = path.join(folder, "surface.parquet");
  if (betas === undefined) {
    throw failure(
      (option) => `${folder} holds a line, not a plane; compute it with ${option("plane")}.`,
    );
  }
  const { alpha, beta, loss, variance } = await readSurface(file);
  const width = alphas.length;
  const agrees =
    loss!.length === width * betas.length &&
    alpha!.every((value, row) => value === alphas[row % width]) &&
    beta!.every((value, row) => value === betas[Math.floor(row / width)]);
  if (!agrees) {
    throw failure(
      `${file} does not hold the points that ${recordFile} names; compute the landscape again.`,
    );
  }
  return { alphas, betas, loss: loss!, variance: variance! };
}
