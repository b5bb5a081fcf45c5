import path from "node:path";
import {
  exactLosses,
  leastCurvature,
  type Curvature,
  type Grid,
  type Landscape,
} from "../landscape/index.js";
import { formatNumber, type ReportSection } from "../report/index.js";
import type { Dataset } from "../stream/index.js";
import { saveNetwork, type DenseNetwork, type Run } from "../train/index.js";
import type { Context } from "./context.js";
import { datasetSection, factTable, lineSections, runSections } from "./sections.js";
import { HEALTHY_SEED } from "./sigmoid.js";
import type { Experiment } from "./types.js";

/** Row 19 of the notebook: the features that break convexity, found, shown and proved. */

/** Rows of the proofs' batch at the most. */
const PROOF_ROWS = 10_000;
/** Rows of the Hessian at the most. */
const HESSIAN_ROWS = 2000;

/**
 * The same function with its hidden units in reverse order: outgoing weights follow the units, so
 * that every prediction, and with it the loss, stays what it was.
 */
export function reversedUnits(network: DenseNetwork): DenseNetwork {
  return network.map((layer, index) => {
    const { inputs, outputs, weights, bias } = layer;
    const from = (input: number): number => (index === 0 ? input : inputs - 1 - input);
    const to = (output: number): number =>
      index === network.length - 1 ? output : outputs - 1 - output;
    return {
      ...layer,
      weights: weights.map(
        (_, at) => weights[from(Math.floor(at / outputs)) * outputs + to(at % outputs)]!,
      ),
      ...(bias === undefined ? {} : { bias: bias.map((_, at) => bias[to(at)]!) }),
    };
  });
}

/** Three equally spaced points of a line; convexity wants the middle to lie below the chord of the others. */
interface Witness {
  alphas: [number, number, number];
  losses: [number, number, number];
  /** By how much the middle lies above the chord: positive only where the loss is not convex. */
  excess: number;
  /** How much of it float64 rounding could be at the most. */
  rounding: number;
}

/** Three losses in float64, of one batch. */
async function witnessOf(
  line: Pick<Grid, "centre" | "directions">,
  alphas: [number, number, number],
  batch: { x: Float32Array; y: Float32Array; rows: number },
): Promise<Witness> {
  const grid = { ...line, alphas: Float64Array.from(alphas), betas: Float64Array.of(0) };
  const found = await exactLosses(grid, batch, () => Promise.resolve());
  const [left = NaN, middle = NaN, right = NaN] = found;
  // Each prediction is some hundred operations deep and each loss a sum over the rows; a relative
  // error of (rows + 1000)·2⁻⁵³ bounds a sum of non-negative terms generously.
  const rounding = (batch.rows + 1000) * 2 ** -53 * 4 * (left + middle + right);
  return { alphas, losses: [left, middle, right], excess: middle - (left + right) / 2, rounding };
}

/** The point of a curve whose middle lies farthest above the chord of its neighbours, at any distance. */
function worstPoint(
  alphas: readonly number[],
  losses: ArrayLike<number>,
): [number, number, number] {
  let worst = -Infinity;
  let found: [number, number, number] = [0, 0, 0];
  for (let middle = 1; middle < alphas.length - 1; middle++) {
    for (let reach = 1; reach <= Math.min(middle, alphas.length - 1 - middle); reach++) {
      const [left, right] = [middle - reach, middle + reach];
      const excess = losses[middle]! - (losses[left]! + losses[right]!) / 2;
      if (excess <= worst) continue;
      worst = excess;
      found = [alphas[left]!, alphas[middle]!, alphas[right]!];
    }
  }
  return found;
}

/** The strongest witness along a landscape's line. */
async function strongest(
  made: Landscape,
  batch: { x: Float32Array; y: Float32Array; rows: number },
): Promise<Witness> {
  const mean = (await made.summary()).map((row) => row.mean);
  const line = { centre: await made.centre(), directions: await made.directions() };
  return witnessOf(line, worstPoint(made.record.alphas, mean), batch);
}

function proofOf({ alphas, losses, excess, rounding }: Witness): [string, string | number][] {
  return [
    ["α of the three points", alphas.map(formatNumber).join(", ")],
    ["their losses", losses.join(", ")],
    ["middle above the chord of the others", excess],
    ["rounding at the most", rounding],
    ["verdict", excess > rounding ? "not convex" : "no sign against convexity"],
  ];
}

function proofSection(name: string, title: string, text: string, witness: Witness): ReportSection {
  return {
    id: `proof-${name}`,
    title,
    part: "The proofs",
    text,
    blocks: [factTable(`proof-${name}-table`, title, proofOf(witness))],
  };
}

/** Lines through a model, each with its strongest witness. */
async function lineWitness(
  context: Context,
  run: Run,
  dataset: Dataset,
  name: string,
  own: Parameters<Context["line"]>[3],
): Promise<{ made: Landscape; witness: Witness }> {
  const made = await context.line(run, dataset, name, own);
  const batch = await dataset.head(Math.min(PROOF_ROWS, made.record.batchSize));
  return { made, witness: await strongest(made, batch) };
}

/** How a model's loss bends least, and three of its losses that show it. */
interface Bend {
  curvature: Omit<Curvature, "direction">;
  rows: number;
  witness: Witness;
  /** The centre moved along the direction, so far that the middle of −1, 0 and 1 stands out most. */
  end: DenseNetwork;
}

/** The direction along which the loss bends downwards most, or upwards least, at a run's weights. */
async function bendOf(run: Run, dataset: Dataset, signal: AbortSignal | undefined): Promise<Bend> {
  const batch = await dataset.head(HESSIAN_ROWS);
  const network = await run.network();
  const { direction, ...curvature } = await leastCurvature(network, batch, HEALTHY_SEED, signal);
  let best: { witness: Witness; end: DenseNetwork } | undefined;
  for (let length = 1; length > 1e-4; length /= 2) {
    const end = network.map((layer, index) => ({
      ...layer,
      weights: layer.weights.map((weight, at) => weight + length * direction[index]!.weights[at]!),
    }));
    const between = end.map((layer, index) => ({
      ...layer,
      weights: layer.weights.map((weight, at) => weight - network[index]!.weights[at]!),
    }));
    const line = { centre: network, directions: [between] };
    const witness = await witnessOf(line, [-1, 0, 1], batch);
    if (best === undefined || witness.excess > best.witness.excess) best = { witness, end };
  }
  return { curvature, rows: batch.rows, ...best! };
}

function bendFacts({ curvature, rows }: Bend): [string, string | number][] {
  const { eigenvalue, residual, largest, steps } = curvature;
  return [
    ["least eigenvalue λ of the Hessian", eigenvalue],
    ["‖Hv − λv‖: an eigenvalue lies within so much of λ", residual],
    ["largest eigenvalue", largest],
    ["Hessian–vector products", steps],
    ["rows", rows],
  ];
}

export const nonConvexity: Experiment = {
  name: "non-convexity",
  title: "What breaks convexity",
  description:
    "The linear model's loss is convex; hidden units make it not so: equal minima with a barrier between, depth that bends lines downwards, and a Hessian with a negative eigenvalue.",
  steps: ["data", "training", "line"],
  fixed: ["model"],
  defaults: {
    rows: 100_000,
    features: 10,
    noise: 0.1,
    seed: HEALTHY_SEED,
    batchSize: 10_000,
    learningRate: 0.1,
    epochs: 200,
    shuffle: "global",
    points: 101,
    batches: 5,
  },
  quick: { epochs: 20 },
  async run(context) {
    const dataset = await context.data("two-layer-sigmoid");
    const run = await context.train(dataset, "mlp", { model: "mlp" });
    const linear = await context.train(dataset, "linear", { model: "linear" });
    const twin = path.join(context.out, "runs", "mlp-reversed");
    await saveNetwork(twin, reversedUnits(await run.network()));
    const barrier = await lineWitness(context, run, dataset, "barrier", { along: `model:${twin}` });
    const origin = path.join(context.out, "runs", "mlp-zero");
    const zero = (await run.network()).map((layer) => ({
      ...layer,
      weights: new Float32Array(layer.weights.length),
    }));
    await saveNetwork(origin, zero);
    const depth = await lineWitness(context, run, dataset, "depth", { along: `model:${origin}` });
    const bend = await bendOf(run, dataset, context.signal);
    const bent = path.join(context.out, "runs", "mlp-bent");
    await saveNetwork(bent, bend.end);
    // From −1 to 2: the trained weights lie within it.
    const bentLine = await context.line(run, dataset, "curvature", {
      along: `model:${bent}`,
      scale: 3,
    });
    const linearBend = await bendOf(linear, dataset, context.signal);
    const flat = await lineWitness(context, linear, dataset, "linear", {
      along: "random-points",
      scale: 1,
    });
    return {
      results: {
        permutation: {
          ...barrier.witness,
          convex: barrier.witness.excess <= barrier.witness.rounding,
        },
        depth: { ...depth.witness, convex: depth.witness.excess <= depth.witness.rounding },
        curvature: {
          ...bend.witness,
          ...bend.curvature,
          convex: bend.witness.excess <= bend.witness.rounding,
        },
        linearCurvature: linearBend.curvature,
        linear: { ...flat.witness, convex: flat.witness.excess <= flat.witness.rounding },
      },
      sections: [
        proofSection(
          "permutation",
          "Two equal minima, and a barrier between them",
          "The hidden units of the trained network in another order are another point of weight space with the same predictions. A convex loss could not rise between the two; in float64, by more than rounding, it does.",
          barrier.witness,
        ),
        proofSection(
          "depth",
          "A line that bends downwards",
          "On the line from the trained weights to zero all weights are multiplied by t = 1 − α, and the predictions of three layers by t³. Near t = 0 the loss is the mean of y² − 2t³fy, which bends downwards where the network has learned anything. Three equally spaced points prove it: the middle lies above the chord of the others.",
          depth.witness,
        ),
        {
          id: "proof-curvature",
          title: "The direction that bends downwards most",
          part: "The proofs",
          text: "The Hessian of a convex loss has no negative eigenvalue. Its least one at the trained weights is found by the Lanczos iteration on exact products with the Hessian, in float64; the losses at both ends of its eigenvector, scaled, and between them show the same without any derivative.",
          blocks: [
            factTable("proof-curvature-table", "The Hessian at the trained weights", [
              ...bendFacts(bend),
              ...proofOf(bend.witness),
            ]),
            factTable(
              "proof-curvature-linear",
              "The Hessian of the linear model, for comparison",
              bendFacts(linearBend),
            ),
          ],
        },
        proofSection(
          "linear",
          "The linear model, for comparison",
          "The same search along the same kind of line finds nothing: its loss is a sum of squares of functions linear in the weights.",
          flat.witness,
        ),
        ...(await lineSections(barrier.made, "barrier", "Between two equal minima")),
        ...(await lineSections(depth.made, "depth", "From the trained weights to zero")),
        ...(await lineSections(
          bentLine,
          "curvature",
          "Along the direction that bends downwards most",
        )),
        ...(await lineSections(flat.made, "linear", "The linear model")),
        ...(await runSections(run, "mlp", "The training")),
        ...datasetSection(dataset, "sigmoid", "The data"),
      ],
    };
  },
};
