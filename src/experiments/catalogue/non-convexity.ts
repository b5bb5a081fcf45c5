import { formatNumber } from "../../common/text/numbers.js";
import { hasStandardizedTarget, lossUnits, type ReportSection } from "../../report/index.js";
import type { Run } from "../../train/index.js";
import type { Bend } from "../convexity/bend.js";
import { findProofs, type Proofs } from "../convexity/proofs.js";
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
import type { Witness } from "../convexity/witness.js";
import { datasetSection, factTable, lineSections, runSections } from "../sections.js";
import type { Context, Experiment } from "../types.js";
import { HEALTHY_SEED } from "./sigmoid-data.js";

/** Row 19 of the notebook: the features that break convexity, found, shown and proved. */
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
    const mlp = await context.train(dataset, "mlp", { model: "mlp" });
    const linear = await context.train(dataset, "linear", { model: "linear" });
    const proofs = await findProofs(context, dataset, { mlp, linear }, HEALTHY_SEED);
    return {
      results: { lossUnits: unitsOf(mlp), ...resultsOf(proofs) },
      sections: [
        ...proofSections(proofs, unitsOf(mlp), unitsOf(linear)),
        ...(await landscapeSections(context, proofs)),
        ...(await runSections(context, mlp, "mlp", "The training")),
        ...datasetSection(context, dataset, "sigmoid", "The data"),
      ],
    };
  },
};

function unitsOf({ record }: Run): string {
  return lossUnits(hasStandardizedTarget(record));
}

function resultsOf(proofs: Proofs): Record<string, unknown> {
  const { barrier, depth, lossAtZero, bend, linearBend, linearLine } = proofs;
  return {
    permutation: barrier.witness,
    depth: { ...depth.witness, lossAtZero },
    curvature: {
      ...bend.witness,
      ...bendResults(bend),
      convex: bend.witness.convex && bend.sign !== "negative",
    },
    linearCurvature: bendResults(linearBend),
    linear: linearLine.witness,
  };
}

function bendResults({ curvature, rounding, sign, rows }: Bend): Record<string, unknown> {
  return { ...curvature, eigenvalueRounding: rounding, sign, rows };
}

/** @param units of the losses of the network, and of the linear model */
function proofSections(proofs: Proofs, units: string, linearUnits: string): ReportSection[] {
  const { network, barrier, depth, lossAtZero, bend, linearBend, linearLine } = proofs;
  return [
    proofSection(
      "permutation",
      permutationTitle(barrier.witness),
      permutationText(network, barrier.witness),
      witnessFacts(barrier.witness, barrier.batch.rows, units),
    ),
    proofSection("depth", depthTitle(depth.witness), depthText(network, depth.witness), [
      ["the mean of y²: the loss at zero, α = 1", lossAtZero],
      ...witnessFacts(depth.witness, depth.batch.rows, units),
    ]),
    {
      id: "proof-curvature",
      title: CURVATURE_TITLE,
      part: "The proofs",
      text: curvatureText(network, bend),
      blocks: [
        factTable("proof-curvature-table", "The Hessian at the network's weights", [
          ...bendFacts(bend),
          ...witnessFacts(bend.witness, bend.rows, units),
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
      witnessFacts(linearLine.witness, linearLine.batch.rows, linearUnits),
    ),
  ];
}

type Facts = [string, string | number][];

function proofSection(name: string, title: string, text: string, facts: Facts): ReportSection {
  return {
    id: `proof-${name}`,
    title,
    part: "The proofs",
    text,
    blocks: [factTable(`proof-${name}-table`, title, facts)],
  };
}

function witnessFacts(witness: Witness, rows: number, units: string): Facts {
  const { alphas, losses, excess, rounding } = witness;
  return [
    ["α of the three points", alphas.map(formatNumber).join(", ")],
    [`their losses (${units})`, losses.join(", ")],
    ["rows", rows],
    ["middle above the chord of the others", excess],
    ["rounding, at most", rounding],
    ["verdict of the losses", lossesVerdict(witness)],
  ];
}

function bendFacts(bend: Bend): Facts {
  const { eigenvalue, residual, converged, largest, steps } = bend.curvature;
  return [
    ["least eigenvalue λ of the Hessian", eigenvalue],
    ["‖Hv − λv‖: an eigenvalue lies within this distance of λ", residual],
    ["rounding of λ, at most", bend.rounding],
    ["largest eigenvalue", largest],
    ["Hessian–vector products", steps],
    ["converged", converged ? "yes" : "no"],
    ["rows", bend.rows],
    ["verdict of λ", eigenvalueVerdict(bend)],
  ];
}

async function landscapeSections(context: Context, proofs: Proofs): Promise<ReportSection[]> {
  const { barrier, depth, bendLine, linearLine } = proofs;
  return [
    ...(await lineSections(context, barrier.made, "barrier", "Between two points of equal loss")),
    ...(await lineSections(context, depth.made, "depth", "From the network's weights to zero")),
    ...(await lineSections(
      context,
      bendLine,
      "curvature",
      "Along the direction of least curvature",
    )),
    ...(await lineSections(context, linearLine.made, "linear", "The linear model")),
  ];
}
