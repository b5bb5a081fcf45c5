import { chooseBackend } from "../../backend/index.js";
import { batchedForward } from "./batched-forward.js";
import { isDenseGrid } from "../axes.js";
import { linearSums } from "./linear-sums.js";
import { pointsOf } from "../points/grid.js";
import type { SliceMethod } from "./types.js";
import type { AnyGrid } from "../points/grid.js";
import { pooledSegments } from "./segments-pool.js";
import { isPiecewise, reluSegments } from "./relu-segments.js";

/** From this many row-points on worker threads are faster: it takes about as long to start them. */
const POOLED_ROW_POINTS = 20_000_000;

/**
 * The fastest method that computes a grid's losses: sums for the linear model, segments for a ReLU
 * network with one or two hidden layers, forward passes for other networks.
 *
 * @param workers the most worker threads; for little work none is started
 * @param rows rows to evaluate at every point
 */
export async function chooseMethod(
  grid: AnyGrid,
  workers: number,
  rows: number,
): Promise<SliceMethod> {
  if (!isDenseGrid(grid)) return forwardPasses(grid);
  const network = grid.centre;
  if (network.length === 1 && network[0]!.activation === "linear") return linearSums(grid);
  if (isPiecewise(network)) {
    const pooled = workers > 1 && rows * pointsOf(grid) >= POOLED_ROW_POINTS;
    return pooled ? pooledSegments(grid, workers) : reluSegments(grid);
  }
  return forwardPasses(grid);
}

async function forwardPasses(grid: AnyGrid): Promise<SliceMethod> {
  await chooseBackend("auto");
  return batchedForward(grid);
}
