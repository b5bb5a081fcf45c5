import { formatNumber } from "../../common/text/numbers.js";
import path from "node:path";
import type { Landscape, LandscapeOptions } from "../../landscape/index.js";
import { hasStandardizedTarget, lossUnits, type ReportSection } from "../../report/index.js";
import type { Dataset } from "../../stream/index.js";
import { saveNetwork, type DenseNetwork } from "../../model/index.js";
import { rowsOfRun, type Run } from "../../train/index.js";
import { bendOf, type Bend } from "../convexity/bend.js";
import { reversedUnits, zeroNetwork } from "../convexity/networks.js";
import {
  CURVATURE_TITLE,
  curvatureText,
  depthText,
  depthTitle,
  eigenvalueVerdict,
  LINEAR_TEXT,
  lossesVerdict,
  permutationText,
  permutationTitle,
} from "../convexity/texts.js";
import {
  highestBetween,
  mostAboveChord,
  witnessOf,
  type ProofRows,
  type Witness,
} from "../convexity/witness.js";
import { datasetSection, factTable, lineSections, runSections } from "../sections.js";
import { HEALTHY_SEED } from "./sigmoid.js";
import type { Experiment, Context } from "../types.js";

/** Row 19 of the notebook: the features that break convexity, found, shown and proved. */

/** Rows of the proofs' batch at the most. */
const PROOF_ROWS = 10_000;
/** Rows of the Hessian at the most. */
const HESSIAN_ROWS = 2000;

type Facts = [string, string | number][];

/** A line through a model's weights, and three of its losses. */
interface ProvenLine {
  made: Landscape;
  batch: ProofRows;
  witness: Witness;
}

/**
 * Computes landscapes/NAME, and in float64 the losses of the first rows, as the run saw them, at
 * three points of its line.
 *
 * @param choose the three points, by the mean slice
 */
async function provenLine(
  context: Context,
  run: Run,
  dataset: Dataset,
  name: string,
  along: NonNullable<LandscapeOptions["along"]>,
  choose: typeof mostAboveChord,
): Promise<ProvenLine> {
  const made = await context.line(run, dataset, name, { along, scale: 1 });
  const batch = await rowsOfRun(run, dataset).head(Math.min(PROOF_ROWS, made.record.batchSize));
  const mean = (await made.summary()).map((row) => row.mean);
  const line = { centre: await made.centre(), directions: await made.directions() };
  return { made, batch, witness: await witnessOf(line, choose(made.record.alphas, mean), batch) };
}

/** Saves a network in the experiment's folder; returns how a line to it is asked for. */
async function lineTo(
  context: Context,
  name: string,
  network: DenseNetwork,
): Promise<`model:${string}`> {
  const folder = path.join(context.out, "runs", name);
  await saveNetwork(folder, network);
  return `model:${folder}`;
}

/** How the curvature of a run's loss at its weights is least. */
async function bendOfRun(
  run: Run,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<Bend> {
  const batch = await rowsOfRun(run, dataset).head(HESSIAN_ROWS);
  return bendOf(await run.network(), batch, HEALTHY_SEED, signal);
}

function witnessFacts(witness: Witness, rows: number, run: Run): Facts {
  const { alphas, losses, excess, rounding } = witness;
  return [
    ["α of the three points", alphas.map(formatNumber).join(", ")],
    [`their losses (${lossUnits(hasStandardizedTarget(run.record))})`, losses.join(", ")],
    ["rows", rows],
    ["middle above the chord of the others", excess],
    ["rounding at the most", rounding],
    ["verdict of the losses", lossesVerdict(witness)],
  ];
}

function bendFacts(bend: Bend): Facts {
  const { eigenvalue, residual, converged, largest, steps } = bend.curvature;
  return [
    ["least eigenvalue λ of the Hessian", eigenvalue],
    ["‖Hv − λv‖: an eigenvalue lies within so much of λ", residual],
    ["rounding of λ at the most", bend.rounding],
    ["largest eigenvalue", largest],
    ["Hessian–vector products", steps],
    ["converged", converged ? "yes" : "no"],
    ["rows", bend.rows],
    ["verdict of λ", eigenvalueVerdict(bend)],
  ];
}

/** What results.json has of a Hessian. */
function bendResults({ curvature, rounding, sign, rows }: Bend): Record<string, unknown> {
  return { ...curvature, eigenvalueRounding: rounding, sign, rows };
}

function proofSection(name: string, title: string, text: string, facts: Facts): ReportSection {
  return {
    id: `proof-${name}`,
    title,
    part: "The proofs",
    text,
    blocks: [factTable(`proof-${name}-table`, title, facts)],
  };
}

export const nonConvexity: Experiment = {
  name: "non-convexity",
  title: "What breaks convexity",
  describe: () =>
    "The linear model's loss is convex. A network with hidden units is searched for what a convex loss cannot have: a barrier between two points of equal loss, a line that bends downwards, a negative eigenvalue of the Hessian.",
  steps: ["data", "training", "line"],
  fixed: ["model", "along", "scale"],
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
    const network = await run.network();
    const toTwin = await lineTo(context, "mlp-reversed", reversedUnits(network));
    const barrier = await provenLine(context, run, dataset, "barrier", toTwin, highestBetween);
    const toZero = await lineTo(context, "mlp-zero", zeroNetwork(network));
    const depth = await provenLine(context, run, dataset, "depth", toZero, mostAboveChord);
    const { y, rows } = depth.batch;
    const meanSquare = y.reduce((sum, value) => sum + value ** 2, 0) / rows;
    const bend = await bendOfRun(run, dataset, context.signal);
    // From −1 to 2: the network's weights lie within it.
    const bentLine = await context.line(run, dataset, "curvature", {
      along: await lineTo(context, "mlp-bent", bend.end),
      scale: 3,
    });
    const linearBend = await bendOfRun(linear, dataset, context.signal);
    const flat = await provenLine(
      context,
      linear,
      dataset,
      "linear",
      "random-points",
      mostAboveChord,
    );
    return {
      results: {
        lossUnits: lossUnits(hasStandardizedTarget(run.record)),
        permutation: barrier.witness,
        depth: { ...depth.witness, lossAtZero: meanSquare },
        curvature: {
          ...bend.witness,
          ...bendResults(bend),
          convex: bend.witness.convex && bend.sign !== "negative",
        },
        linearCurvature: bendResults(linearBend),
        linear: flat.witness,
      },
      sections: [
        proofSection(
          "permutation",
          permutationTitle(barrier.witness),
          permutationText(network, barrier.witness),
          witnessFacts(barrier.witness, barrier.batch.rows, run),
        ),
        proofSection("depth", depthTitle(depth.witness), depthText(network, depth.witness), [
          ["the mean of y²: the loss at zero, α = 1", meanSquare],
          ...witnessFacts(depth.witness, rows, run),
        ]),
        {
          id: "proof-curvature",
          title: CURVATURE_TITLE,
          part: "The proofs",
          text: curvatureText(network, bend),
          blocks: [
            factTable("proof-curvature-table", "The Hessian at the network's weights", [
              ...bendFacts(bend),
              ...witnessFacts(bend.witness, bend.rows, run),
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
          LINEAR_TEXT,
          witnessFacts(flat.witness, flat.batch.rows, linear),
        ),
        ...(await lineSections(barrier.made, "barrier", "Between two points of equal loss")),
        ...(await lineSections(depth.made, "depth", "From the network's weights to zero")),
        ...(await lineSections(bentLine, "curvature", "Along the direction of least curvature")),
        ...(await lineSections(flat.made, "linear", "The linear model")),
        ...(await runSections(run, "mlp", "The training")),
        ...datasetSection(dataset, "sigmoid", "The data"),
      ],
    };
  },
};
