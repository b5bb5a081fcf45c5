import path from "node:path";
import type { Landscape, LandscapeOptions } from "../../landscape/index.js";
import { saveNetwork, type DenseNetwork } from "../../model/index.js";
import type { Dataset } from "../../stream/index.js";
import { rowsOfRun, type Run } from "../../train/index.js";
import type { Context } from "../types.js";
import { bendOf, type Bend } from "./bend.js";
import { reversedUnits, zeroNetwork } from "./networks.js";
import {
  highestBetween,
  mostAboveChord,
  witnessOf,
  type ProofRows,
  type Witness,
} from "./witness.js";

/** The most rows of a batch on which losses are compared. */
const PROOF_ROWS = 10_000;
/** The most rows of a Hessian. */
const HESSIAN_ROWS = 2000;

/** What was searched for signs against convexity, in a network and in a linear model. */
export interface Proofs {
  network: DenseNetwork;
  /** From the network to the same network with its hidden units in reverse order. */
  barrier: ProvenLine;
  /** From the network to zero. */
  depth: ProvenLine;
  /** The mean of y²: the loss at zero. */
  lossAtZero: number;
  bend: Bend;
  /** Along the direction of least curvature. */
  bendLine: Landscape;
  linearBend: Bend;
  /** Between two random points of the linear model. */
  linearLine: ProvenLine;
}

/** A landscape along a line, and losses at three of its points in float64. */
export interface ProvenLine {
  made: Landscape;
  batch: ProofRows;
  witness: Witness;
}

/** @param seed of the iterations that find the least eigenvalues */
export async function findProofs(
  context: Context,
  dataset: Dataset,
  { mlp, linear }: { mlp: Run; linear: Run },
  seed: number,
): Promise<Proofs> {
  const network = await mlp.network();
  const prove = (
    run: Run,
    name: string,
    along: NonNullable<LandscapeOptions["along"]>,
    choose: typeof mostAboveChord,
  ): Promise<ProvenLine> => provenLine(context, run, dataset, { name, along, choose });
  const toReversed = await lineTo(context, "mlp-reversed", reversedUnits(network));
  const barrier = await prove(mlp, "barrier", toReversed, highestBetween);
  const toZero = await lineTo(context, "mlp-zero", zeroNetwork(network));
  const depth = await prove(mlp, "depth", toZero, mostAboveChord);
  const { y, rows } = depth.batch;
  const bend = await bendOfRun(mlp, dataset, seed, context.signal);
  // From −1 to 2, which includes the network's weights.
  const bendLine = await context.line(mlp, dataset, "curvature", {
    along: await lineTo(context, "mlp-bent", bend.end),
    scale: 3,
  });
  const linearBend = await bendOfRun(linear, dataset, seed, context.signal);
  const linearLine = await prove(linear, "linear", "random-points", mostAboveChord);
  const lossAtZero = y.reduce((sum, value) => sum + value ** 2, 0) / rows;
  return { network, barrier, depth, lossAtZero, bend, bendLine, linearBend, linearLine };
}

/**
 * Computes landscapes/NAME and, in float64, the losses of the run's first rows at three points of its line.
 *
 * @param choose chooses the three points by the mean slice
 */
async function provenLine(
  context: Context,
  run: Run,
  dataset: Dataset,
  line: {
    name: string;
    along: NonNullable<LandscapeOptions["along"]>;
    choose: typeof mostAboveChord;
  },
): Promise<ProvenLine> {
  const { name, along, choose } = line;
  const made = await context.line(run, dataset, name, { along, scale: 1 });
  const batch = await rowsOfRun(run, dataset).head(Math.min(PROOF_ROWS, made.record.batchSize));
  const mean = (await made.summary()).map((row) => row.mean);
  const grid = { centre: await made.centre(), directions: await made.directions() };
  return { made, batch, witness: await witnessOf(grid, choose(made.record.alphas, mean), batch) };
}

/** Saves a network as runs/NAME. Returns the value of `along` for a line to it. */
async function lineTo(
  context: Context,
  name: string,
  network: DenseNetwork,
): Promise<`model:${string}`> {
  const folder = path.join(context.out, "runs", name);
  await saveNetwork(folder, network);
  return `model:${folder}`;
}

async function bendOfRun(
  run: Run,
  dataset: Dataset,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Bend> {
  const batch = await rowsOfRun(run, dataset).head(HESSIAN_ROWS);
  return bendOf(await run.network(), batch, seed, signal);
}
