import { chooseBackend } from "../../backend/index.js";
import { batchedForward } from "./batched-forward.js";
import { isDenseGrid } from "../axes.js";
import { linearSums } from "./linear-sums.js";
import { pointsOf } from "../points/grid.js";
import type { SliceMethod } from "./method.js";
import type { AnyGrid } from "../points/grid.js";
import { pooledPieces } from "./segments-pool.js";
import { isPiecewise, reluPieces } from "./relu-segments.js";

/** Row-points from which on worker threads pay: their start takes as long as so many. */
const pooledRowPoints = 20_000_000;

/**
 * The fastest method that computes a grid's losses: sums for the linear model, pieces for a ReLU
 * network, forward passes for the rest.
 *
 * @param workers threads that may be used; where there is little to do, none is started
 * @param rows how many rows there are to evaluate at every point
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
    const pooled = workers > 1 && rows * pointsOf(grid) >= pooledRowPoints;
    return pooled ? pooledPieces(grid, workers) : reluPieces(grid);
  }
  return forwardPasses(grid);
}

async function forwardPasses(grid: AnyGrid): Promise<SliceMethod> {
  await chooseBackend("auto");
  return batchedForward(grid);
}
