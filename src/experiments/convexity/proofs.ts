import path from "node:path";
import {
  certify,
  curvature,
  type Certificate,
  type CurvatureOptions,
  type CurvatureResult,
} from "../../curvature/index.js";
import type { Landscape, LandscapeOptions } from "../../landscape/index.js";
import { saveNetwork, type DenseNetwork } from "../../model/index.js";
import type { Dataset } from "../../stream/index.js";
import { rowsOfRun, type Run } from "../../train/index.js";
import type { Context } from "../types.js";
import { bendOf, type Bend } from "./bend.js";
import type { ProofRows } from "./bounded-loss.js";
import { reversedUnits, zeroNetwork } from "./networks.js";
import { highestBetween, mostAboveChord, witnessOf, type Witness } from "./witness.js";

/** The most rows of a batch on which losses are compared. */
const PROOF_ROWS = 10_000;
/** The most rows of the density and of the parts of the Hessian, and of the mean that is certified. */
const DENSITY_ROWS = 100_000;
const CERTIFIED_ROWS = 1_000_000;
/** Points along each of the factors of two layers. */
const FACTOR_POINTS = 61;
/** How far from the weights kinks are counted: the length of the certified line on each side. */
const RADIUS = 1;
/** Where the spectrum of all rows is, in the run's folder: `curvature:1@hessian` is along its first eigenvector. */
const WORST = "curvature:1@hessian";

/** What was searched for signs against convexity, in a network and in a linear model. */
export interface Proofs {
  network: DenseNetwork;
  /** Along a random direction. */
  randomLine: Landscape;
  spectra: Spectra;
  /** Undefined where the network's pieces are no polynomials. */
  certificates: Certificates | undefined;
  bend: Bend;
  /** From the network to the same network with its hidden units in reverse order. */
  barrier: ProvenLine;
  /** From the network to zero. */
  depth: ProvenLine;
  /** The mean of y²: the loss at zero. */
  lossAtZero: number;
  /** Over the factors of the first two layers, all rows; undefined where scaling them does more than scale the predictions. */
  factors: Landscape | undefined;
  /** From the network to one that was trained from other weights, with its units as they are and matched. */
  otherMinimum: ProvenLine;
  /** From the network to its initial weights; undefined where it was not trained. */
  initial: Landscape | undefined;
  linear: LinearProofs;
}

/** The Hessian at the network's weights. */
export interface Spectra {
  /** Over all rows. */
  all: CurvatureResult;
  /** Over at most 100 000 rows: with its density, and the parts that make it up. */
  density: CurvatureResult;
  gaussNewton: CurvatureResult;
  residual: CurvatureResult;
}

/** What is proved of lines through the network's weights. */
export interface Certificates {
  /** The first batch along a random direction. */
  random: Certificate;
  /** The first batch, and the mean of at most a million rows, in the direction of least curvature. */
  batch: Certificate;
  mean: Certificate;
}

interface LinearProofs {
  bend: Bend;
  /** Between two random points. */
  line: ProvenLine;
  certificate: Certificate;
}

/** A landscape along a line, and losses at three of its points in float64. */
export interface ProvenLine {
  made: Landscape;
  batch: ProofRows;
  witness: Witness;
}

/** The runs that are examined: two of the network from different weights, and one of the linear model. */
interface Runs {
  mlp: Run;
  other: Run;
  linear: Run;
}

/** @param seed of the iterations that find the least eigenvalues */
export async function findProofs(
  context: Context,
  dataset: Dataset,
  { mlp, other, linear }: Runs,
  seed: number,
): Promise<Proofs> {
  const network = await mlp.network();
  const randomLine = await context.line(mlp, dataset, "random", { along: "random", scale: 1 });
  const isPiecewise = network.every(
    ({ activation }, at) => at === network.length - 1 || activation === "relu",
  );
  const spectra = await findSpectra(context, dataset, mlp, { seed, isPiecewise });
  const certificates = isPiecewise
    ? await findCertificates(context, dataset, mlp, seed)
    : undefined;
  const proving = { context, dataset, run: mlp };
  const bend = await bendOf(network, spectra.all, await headOf(mlp, dataset), context.signal);
  await saveNetwork(path.join(context.out, "runs", "mlp-bent"), bend.end);
  const barrier = await provenLine(proving, {
    name: "barrier",
    along: await lineTo(context, "mlp-reversed", reversedUnits(network)),
    choose: highestBetween,
  });
  const depth = await provenLine(proving, {
    name: "depth",
    along: await lineTo(context, "mlp-zero", zeroNetwork(network)),
    choose: mostAboveChord,
  });
  const { y, rows } = depth.batch;
  return {
    network,
    randomLine,
    spectra,
    certificates,
    bend,
    barrier,
    depth,
    lossAtZero: y.reduce((sum, value) => sum + value ** 2, 0) / rows,
    factors: isPiecewise && hasNoBias(network) ? await factorsOf(proving) : undefined,
    otherMinimum: await provenLine(proving, {
      name: "other-minimum",
      along: `model:${other.dir}`,
      align: true,
      choose: highestBetween,
    }),
    initial: await lineToInitial(proving),
    linear: await linearProofs(context, dataset, linear, seed),
  };
}

async function linearProofs(
  context: Context,
  dataset: Dataset,
  run: Run,
  seed: number,
): Promise<LinearProofs> {
  const found = await curvature(run, optionsOf(context, dataset, { seed, vectors: 1 }));
  return {
    bend: await bendOf(await run.network(), found, await headOf(run, dataset), context.signal),
    line: await provenLine(
      { context, dataset, run },
      { name: "linear", along: "random-points", choose: mostAboveChord },
    ),
    certificate: await certify(run, { ...optionsOf(context, dataset, { seed }), batches: "all" }),
  };
}

/** The options of a step: what is there of an earlier experiment is replaced. */
function optionsOf<Options extends object>(
  { signal, onProgress }: Context,
  dataset: Dataset,
  own: Options,
) {
  return {
    dataset,
    force: true,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...own,
  };
}

async function findSpectra(
  context: Context,
  dataset: Dataset,
  run: Run,
  { seed, isPiecewise }: { seed: number; isPiecewise: boolean },
): Promise<Spectra> {
  const { batchSize } = run.record.options;
  const batches = Math.ceil(dataset.rows / batchSize);
  const few = Math.max(1, Math.min(batches, Math.floor(DENSITY_ROWS / batchSize)));
  const find = (own: CurvatureOptions): Promise<CurvatureResult> =>
    curvature(run, optionsOf(context, dataset, { seed, ...own }));
  context.note("Finding the eigenvalues of the Hessian.");
  const whole = { vectors: 3, ...(isPiecewise && { kinks: RADIUS }) };
  // Over the same rows the density takes no iteration of its own.
  const all = await find({ ...whole, density: few === batches });
  const out = (name: string): string => path.join(run.dir, "curvature", name);
  const part = { vectors: 1, batches: few };
  return {
    all,
    density:
      few === batches ? all : await find({ ...part, density: true, out: out("hessian-density") }),
    // Its least eigenvalues are 0, or nearly, and would take thousands of products to tell apart.
    gaussNewton: await find({
      ...part,
      part: "gauss-newton",
      products: 40,
      out: out("gauss-newton"),
    }),
    residual: await find({ ...part, part: "residual", out: out("residual") }),
  };
}

async function findCertificates(
  context: Context,
  dataset: Dataset,
  run: Run,
  seed: number,
): Promise<Certificates> {
  const { batchSize } = run.record.options;
  const batches = Math.ceil(dataset.rows / batchSize);
  const most = Math.max(1, Math.min(batches, Math.floor(CERTIFIED_ROWS / batchSize)));
  const ends = { seed, from: -RADIUS, to: RADIUS };
  const find = (along: NonNullable<LandscapeOptions["along"]>, count: number) =>
    certify(run, optionsOf(context, dataset, { ...ends, along, batches: count }));
  context.note("Certifying lines.");
  const random = await find("random", 1);
  const batch = await find(WORST, 1);
  return { random, batch, mean: most === 1 ? batch : await find(WORST, most) };
}

/** With biases, scaling layers does more than scale the predictions. */
function hasNoBias(network: DenseNetwork): boolean {
  return network.every(({ bias }) => bias === undefined);
}

/** The loss over the factors of the first two layers: three sums over all rows, whatever the number of points. */
function factorsOf({ context, run, dataset }: Proving): Promise<Landscape> {
  return context.line(run, dataset, "factors", {
    along: "rescale",
    plane: true,
    scale: 1,
    points: FACTOR_POINTS,
    batches: "all",
  });
}

async function lineToInitial({ context, run, dataset }: Proving): Promise<Landscape | undefined> {
  if (!run.record.result?.steps) return undefined;
  const along = `model:${path.join(run.dir, "path", "step-0")}` as const;
  return context.line(run, dataset, "initial", { along, scale: 1 });
}

interface Proving {
  context: Context;
  dataset: Dataset;
  run: Run;
}

/**
 * Computes landscapes/NAME and, in float64, the losses of the run's first rows at three points of its line.
 *
 * @param line `choose` chooses the three points by the mean slice; with `align` it is that to the model as it is
 */
async function provenLine(
  { context, dataset, run }: Proving,
  line: {
    name: string;
    along: NonNullable<LandscapeOptions["along"]>;
    choose: typeof mostAboveChord;
    align?: boolean;
  },
): Promise<ProvenLine> {
  const { name, along, choose, align = false } = line;
  const made = await context.line(run, dataset, name, { along, align, scale: 1 });
  const batch = await headOf(run, dataset, made.record.batchSize);
  const slice = align ? 1 : 0;
  const rows = (await made.summary()).filter((row) => row.slice === slice);
  const mean = rows.map((row) => row.mean);
  const direction = align ? await made.unaligned() : await made.direction();
  const grid = { centre: await made.centre(), directions: [direction] };
  const points = choose(made.record.alphas, mean);
  return { made, batch, witness: await witnessOf(grid, points, batch, context.signal) };
}

/** The first rows, as the run was trained on them. */
function headOf(run: Run, dataset: Dataset, most = PROOF_ROWS): Promise<ProofRows> {
  return rowsOfRun(run, dataset).head(Math.min(PROOF_ROWS, most));
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
