import { formatNumber, formatPercent } from "../../common/text/numbers.js";
import type { Certificate, CurvatureResult } from "../../curvature/index.js";
import {
  hasStandardizedTarget,
  lossUnits,
  sectionsOfCertificate,
  type ReportSection,
} from "../../report/index.js";
import type { Run } from "../../train/index.js";
import type { Bend } from "../convexity/bend.js";
import { kinkSection } from "../convexity/kink-section.js";
import { findProofs, type Proofs } from "../convexity/proofs.js";
import {
  randomCurvature,
  spectrumSection,
  type RandomCurvature,
} from "../convexity/spectrum-sections.js";
import {
  CURVATURE_TITLE,
  curvatureText,
  depthText,
  depthTitle,
  eigenvalueVerdict,
  LINEAR_TEXT,
  lossesVerdict,
  MINIMA_TEXT,
  minimaTitle,
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
    "The linear model's loss is convex. A network's looks convex along a random direction, and is not: the direction in which it bends downwards is found and certified, its kinks are counted, and barriers are climbed between points of equal loss and between two trainings.",
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
    const other = await context.train(dataset, "mlp-other", {
      model: "mlp",
      seed: context.number("seed") + 1,
    });
    const linear = await context.train(dataset, "linear", { model: "linear" });
    const proofs = await findProofs(context, dataset, { mlp, other, linear }, HEALTHY_SEED);
    const random = await randomCurvature(proofs.spectra);
    const units = { network: unitsOf(mlp), linear: unitsOf(linear) };
    return {
      results: { lossUnits: unitsOf(mlp), ...resultsOf(proofs, random) },
      sections: [
        ...(await chapters(context, proofs, random, units)),
        ...(await runSections(context, mlp, "mlp", "The training")),
        ...datasetSection(context, dataset, "sigmoid", "The data"),
      ],
    };
  },
};

function unitsOf({ record }: Run): string {
  return lossUnits(hasStandardizedTarget(record));
}

function resultsOf(proofs: Proofs, random: RandomCurvature): Record<string, unknown> {
  const { barrier, depth, lossAtZero, bend, linear, spectra, certificates, otherMinimum } = proofs;
  const { least, largest, kinks } = spectra.all.record;
  return {
    random,
    spectrum: { least, largest, rows: spectra.all.record.rows },
    parts: {
      gaussNewton: endsOf(spectra.gaussNewton),
      residual: endsOf(spectra.residual),
    },
    ...(certificates && {
      certificates: {
        random: certifiedOf(certificates.random),
        batch: certifiedOf(certificates.batch),
        mean: certifiedOf(certificates.mean),
      },
      kinks,
    }),
    permutation: barrier.witness,
    depth: { ...depth.witness, lossAtZero },
    ...(proofs.factors && { factors: proofs.factors.record.symmetry }),
    otherMinimum: otherMinimum.witness,
    barriers: {
      asTrained: otherMinimum.made.record.unaligned,
      matched: otherMinimum.made.record.barrier,
      initial: proofs.initial?.record.barrier,
    },
    curvature: {
      ...bend.witness,
      ...bendResults(bend),
      convex: bend.witness.convex && bend.sign !== "negative",
    },
    linearCurvature: bendResults(linear.bend),
    linear: linear.line.witness,
    linearCertificate: certifiedOf(linear.certificate),
  };
}

function endsOf({ record }: CurvatureResult): Record<string, unknown> {
  return { rows: record.rows, least: record.least[0], largest: record.largest[0] };
}

function certifiedOf({ record }: Certificate): Record<string, unknown> {
  const { rows, convex, lengths, least, kinkCounts, from, to } = record;
  return { rows, convex, from, to, lengths, least, kinkCounts };
}

function bendResults(bend: Bend): Record<string, unknown> {
  const { eigenvalue, residual, converged, largest, steps, sign, rows } = bend;
  return { eigenvalue, residual, converged, largest, steps, sign, rows };
}

/** The report's parts, each with a figure first. `units` are those of the losses. */
async function chapters(
  context: Context,
  proofs: Proofs,
  random: RandomCurvature,
  units: { network: string; linear: string },
): Promise<ReportSection[]> {
  const { certificates, spectra } = proofs;
  const part = {
    random: "A random direction",
    worst: "The direction that is not convex",
    kinks: "The kinks",
    symmetric: "Two points of equal loss",
    minima: "Two trainings",
    linear: "The linear model",
  };
  return [
    ...(await randomSections(context, proofs, part.random)),
    await spectrumSection(spectra, random, part.random),
    ...(await worstSections(context, proofs, part.worst, units.network)),
    ...(certificates === undefined ? [] : [await kinkSection(spectra, certificates, part.kinks)]),
    ...(await symmetricSections(context, proofs, part.symmetric, units.network)),
    ...(await minimaSections(context, proofs, part.minima, units.network)),
    ...(await linearSections(context, proofs, part.linear, units.linear)),
  ];
}

async function randomSections(
  context: Context,
  { randomLine, certificates }: Proofs,
  part: string,
): Promise<ReportSection[]> {
  const [slices, ...rest] = await lineSections(context, randomLine, "random", part);
  const claim = "Along a random direction the loss looks convex";
  const title =
    certificates === undefined ? claim : `${claim}: ${randomVerdict(certificates.random.record)}`;
  return [{ ...slices!, title }, ...rest];
}

function short(value: number): string {
  return formatNumber(Number(value.toPrecision(3)));
}

function randomVerdict({ lengths, from, to, kinkCounts, rows }: Certificate["record"]): string {
  const share = formatPercent(lengths.convex / (to - from));
  return `between its kinks, that of ${formatNumber(rows)} rows bends upwards on ${share} of the line (its slope falls at ${formatNumber(kinkCounts.falling)} kinks)`;
}

async function worstSections(
  context: Context,
  { network, bend, certificates, linear }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const certified = certificates === undefined ? [] : [certificates.mean];
  if (certificates !== undefined && certificates.batch !== certificates.mean) {
    certified.push(certificates.batch);
  }
  const sections: ReportSection[] = [];
  for (const [index, one] of certified.entries()) {
    const [proof, settings] = await sectionsOfCertificate(context.language, one);
    const rows = `${formatNumber(one.record.rows)} rows`;
    const eigenvalue = `λ = ${short(bend.eigenvalue)} ± ${short(bend.residual)}`;
    sections.push(
      {
        ...proof!,
        id: `certificate-worst-${index}`,
        title: `Along the eigenvector of ${eigenvalue}, ${rows}. ${proof!.title}`,
        name: `The certificate of ${rows}`,
        part,
      },
      { ...settings!, id: `certificate-settings-worst-${index}`, part },
    );
  }
  return [
    ...sections,
    {
      id: "proof-curvature",
      title: CURVATURE_TITLE,
      part,
      text: curvatureText(network, bend),
      blocks: [
        factTable("proof-curvature-table", "The Hessian at the network's weights", [
          ...bendFacts(bend),
          ...witnessFacts(bend.witness, bend.witnessRows, units),
        ]),
        factTable(
          "proof-curvature-linear",
          "The Hessian of the linear model, for comparison",
          bendFacts(linear.bend),
        ),
      ],
    },
  ];
}

async function symmetricSections(
  context: Context,
  { network, barrier, depth, factors, lossAtZero }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  return [
    ...(await lineSections(context, barrier.made, "barrier", part)),
    proofSection(
      "permutation",
      permutationTitle(barrier.witness),
      part,
      permutationText(network, barrier.witness),
      witnessFacts(barrier.witness, barrier.batch.rows, units),
    ),
    ...(factors ? await lineSections(context, factors, "factors", part) : []),
    ...(await lineSections(context, depth.made, "depth", part)),
    proofSection("depth", depthTitle(depth.witness), part, depthText(network, depth.witness), [
      ["the mean of y²: the loss at zero, α = 1", lossAtZero],
      ...witnessFacts(depth.witness, depth.batch.rows, units),
    ]),
  ];
}

async function minimaSections(
  context: Context,
  { otherMinimum, initial }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const { made, witness, batch } = otherMinimum;
  return [
    ...(await lineSections(context, made, "minima", part)),
    proofSection(
      "minima",
      minimaTitle(witness),
      part,
      MINIMA_TEXT,
      witnessFacts(witness, batch.rows, units),
    ),
    ...(initial ? await lineSections(context, initial, "initial", part) : []),
  ];
}

async function linearSections(
  context: Context,
  { linear }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const { line, certificate } = linear;
  const [certified] = await sectionsOfCertificate(context.language, certificate);
  return [
    { ...certified!, id: "certificate-linear", part },
    ...(await lineSections(context, line.made, "linear", part)),
    proofSection(
      "linear",
      "The linear model, for comparison",
      part,
      LINEAR_TEXT,
      witnessFacts(line.witness, line.batch.rows, units),
    ),
  ];
}

type Facts = [string, string | number][];

function proofSection(
  name: string,
  title: string,
  part: string,
  text: string,
  facts: Facts,
): ReportSection {
  return {
    id: `proof-${name}`,
    title,
    part,
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
  const { eigenvalue, residual, converged, largest, steps } = bend;
  return [
    ["least eigenvalue λ of the Hessian", eigenvalue],
    ["‖Hv − λv‖: an eigenvalue lies within this distance of λ", residual],
    ["largest eigenvalue", largest],
    ["Hessian–vector products", steps],
    ["converged", converged ? "yes" : "no"],
    ["rows", bend.rows],
    ["verdict of λ", eigenvalueVerdict(bend)],
  ];
}
