import { failure, usageError } from "../common/errors.js";
import { createPause } from "../common/pause.js";
import { isDense } from "../model/index.js";
import type { DenseNetwork, Network } from "../model/index.js";
import type { Run, RunRows } from "../train/index.js";
import { alignUnits } from "./directions/alignment.js";
import { loadEigenvector } from "./directions/eigenvector.js";
import { filterNormalized } from "./directions/filter-normalization.js";
import { gradientDirection } from "./directions/gradient.js";
import { loadEnd } from "./directions/model.js";
import { principalDirections } from "./directions/principal.js";
import { RANDOM_ROWS, randomNetwork } from "./directions/random.js";
import { readSnapshots } from "./directions/snapshots.js";
import {
  highestSwap,
  parseUnitPair,
  printUnitPair,
  rescaled,
  scaledLayers,
  swapped,
} from "./directions/symmetries.js";
import { linspace } from "./points/linspace.js";
import { combineNetworks, normOf, withUntrained } from "./directions/weights.js";
import type { AnyGrid, Grid } from "./points/grid.js";
import { readBatches } from "./points/read-batches.js";
import { modelOf, parameterOf } from "./points/resolve-options.js";
import type { LandscapeSettings } from "./points/resolve-options.js";
import type { Along, LandscapePath } from "./points/types.js";

/** The centre and the directions of a landscape. */
export interface Axes<N extends Network = Network> {
  centre: N;
  directions: N[];
  /** Where the other model's units were reordered: of each hidden layer and each place the unit that came there. */
  alignment?: number[][];
  /** And the direction to the model as it is. */
  unaligned?: N;
  /** Along `curvature` and `swap`: what was chosen, as in the record. */
  parameter?: string;
  /** The training's path in the coordinates of the directions; only along `path`. */
  path?: LandscapePath;
}

/** What centre and directions are computed from. */
export interface AxesInput<N extends Network = DenseNetwork> {
  run: Run;
  /** The weights around which the landscape lies. */
  network: N;
  /** The rows as the run was trained on them. */
  dataset: RunRows;
  /** The selected batches' numbers. */
  batches: readonly number[];
  batchSize: number;
  signal: AbortSignal | undefined;
}

/**
 * Computes the centre and the directions of a landscape: one of a line, two of a plane. By default a
 * direction is N(0,1) in every weight that is trained.
 *
 * @throws a failure where a direction is zero, or what it is made from is missing or does not fit
 */
export async function makeAxes<N extends Network>(
  input: AxesInput<N>,
  settings: LandscapeSettings,
): Promise<Axes<N>> {
  const axes = await alongAxes(input, settings);
  if (settings.plane && axes.directions.length === 1) {
    axes.directions.push(randomNetwork(axes.centre, settings.seed, RANDOM_ROWS.secondDirection));
  }
  if (settings.normalize === "filter") {
    axes.directions = axes.directions.map((direction) => filterNormalized(direction, axes.centre));
  }
  for (const [index, direction] of axes.directions.entries()) {
    const norm = normOf(direction);
    if (norm > 0 && Number.isFinite(norm)) continue;
    // The same network with its units in another order.
    if (norm === 0 && axes.alignment !== undefined) continue;
    throw failure(
      (option) =>
        `Direction ${index + 1} of the landscape ${norm === 0 ? "is zero: all its points would be the centre" : "has numbers that are not finite"}; choose another ${option("along")}.`,
    );
  }
  return axes;
}

async function alongAxes<N extends Network>(
  input: AxesInput<N>,
  settings: LandscapeSettings,
): Promise<Axes<N>> {
  const { run, network, dataset, batches, signal } = input;
  const { along, seed, scale } = settings;
  switch (along) {
    case "random":
      return { centre: network, directions: [randomNetwork(network, seed, RANDOM_ROWS.first)] };
    case "random-points": {
      const point = (row: number): N =>
        withUntrained(randomNetwork(network, seed, row, scale), network);
      return between(point(RANDOM_ROWS.first), point(RANDOM_ROWS.secondPoint));
    }
    case "gradient":
      return {
        centre: network,
        directions: [
          await gradientDirection(network, dataset, batches, settings.batchSize, signal),
        ],
      };
    case "path": {
      const snapshots = await readSnapshots(run, signal);
      return {
        centre: network,
        ...principalDirections(network, snapshots, settings.plane ? 2 : 1),
      };
    }
    case "rescale":
      return settings.plane
        ? { centre: network, directions: scaledLayers(denseOf(network)) as unknown as N[] }
        : between(network, rescaled(denseOf(network)) as N);
    default:
  }
  if (along === "swap" || along.startsWith("swap:")) return alongSwap(input, along);
  const eigenvector = parameterOf(along, "curvature");
  if (eigenvector !== "") {
    const directions = [await loadEigenvector(run.dir, eigenvector, network)];
    const second = settings.plane ? nextEigenvector(eigenvector) : undefined;
    if (second !== undefined) directions.push(await loadEigenvector(run.dir, second, network));
    return { centre: network, directions, parameter: eigenvector };
  }
  const end = await loadEnd(modelOf(along), network, run.record.standardize);
  if (!settings.align) return between(network, end);
  const pause = createPause(signal);
  const { network: aligned, orders } = await alignUnits(denseOf(network), denseOf(end), pause);
  const [unaligned] = between(network, end).directions;
  return { ...between(network, aligned), alignment: orders, unaligned: unaligned! };
}

/** The second direction of a plane: the next eigenvector of the same end. */
function nextEigenvector(text: string): string {
  return text.replace(/\d+/, (digits) => String(Number(digits) + 1));
}

async function alongSwap<N extends Network>(input: AxesInput<N>, along: Along): Promise<Axes<N>> {
  const { network, dataset, batches, batchSize, signal } = input;
  const dense = denseOf(network);
  let pair = parseUnitPair(parameterOf(along, "swap"));
  if (pair === undefined && along !== "swap") {
    throw usageError(
      (option) => `${option("along")} ${along} must name two different units: swap:LAYER:I:J.`,
    );
  }
  if (pair === undefined) {
    for await (const batch of readBatches(dataset, batches.slice(0, 1), batchSize, signal)) {
      const rows = { x: batch.x.slice(), y: batch.y.slice(), rows: batch.rows };
      pair = await highestSwap(dense, rows, createPause(signal));
      break;
    }
  }
  const end = swapped(dense, pair!) as N;
  return { ...between(network, end), parameter: printUnitPair(pair!) };
}

/** @throws a usage error for a network of other layers */
function denseOf(network: Network): DenseNetwork {
  if (isDense(network)) return network;
  throw usageError(
    (option) =>
      `${option("along")} swap and rescale and ${option("align")} need a model of dense layers; choose another ${option("along")}.`,
  );
}

function between<N extends Network>(centre: N, end: Network): Axes<N> {
  return { centre, directions: [combineNetworks(centre, end, (from, to) => to - from)] };
}

/** The points along a landscape's axes. */
export function gridOf<N extends Network>(
  axes: Pick<Axes<N>, "centre" | "directions" | "unaligned">,
  settings: LandscapeSettings,
): Grid<N> {
  const { along, align, plane, points, scale, endpoint } = settings;
  // The factors of two layers, 1 + α and 1 + β, begin at 0.
  const areFactors = along === "rescale" && plane;
  const [start, end] = areFactors ? [-1, scale] : startAndEnd(along, scale);
  return {
    centre: axes.centre,
    directions: axes.directions,
    alphas: linspace(start, end, points[0], endpoint),
    betas: plane
      ? linspace(areFactors ? -1 : -scale, scale, points[1], endpoint)
      : new Float64Array(align ? 2 : 1),
    ...(axes.unaligned && { unaligned: axes.unaligned }),
  };
}

/** Whether all networks of a grid have dense layers only. */
export function isDenseGrid(grid: AnyGrid): grid is Grid {
  return [grid.centre, ...grid.directions].every(isDense);
}

/** The first and the last α. */
function startAndEnd(along: LandscapeSettings["along"], scale: number): [number, number] {
  if (along === "random-points") return [0, 1];
  // From one model to the other; a larger scale goes beyond both.
  if (modelOf(along) !== "" || /^(?:swap|rescale)/.test(along))
    return [(1 - scale) / 2, (1 + scale) / 2];
  return [-scale, scale];
}
