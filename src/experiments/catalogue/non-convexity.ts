import type { Landscape } from "../../landscape/index.js";
import type { Language } from "../../language/index.js";
import {
  hasStandardizedTarget,
  lossName,
  lossUnits,
  sectionsOfCertificate,
  type LineFigure,
  type ReportSection,
} from "../../report/index.js";
import type { Run } from "../../train/index.js";
import type { Bend } from "../convexity/bend.js";
import { resultsOf } from "../convexity/results.js";
import { edgeSections, trainAtEdge } from "../convexity/edge.js";
import { kinkSection } from "../convexity/kink-section.js";
import { findProofs, type Proofs, type ProvenLine } from "../convexity/proofs.js";
import {
  randomCurvature,
  spectrumSection,
  type RandomCurvature,
} from "../convexity/spectrum-sections.js";
import {
  curvatureText,
  depthText,
  eigenvalueVerdict,
  lossesVerdict,
  permutationText,
} from "../convexity/texts.js";
import type { Witness } from "../convexity/witness.js";
import { datasetSection, factTable, lineSections, runSections } from "../sections.js";
import type { Context, Experiment } from "../types.js";
import { HEALTHY_SEED } from "./sigmoid-data.js";

/** Row 19 of the notebook: the features that break convexity, found, shown and proved. */
export const nonConvexity: Experiment = {
  name: "non-convexity",
  title: "What breaks convexity",
  describe: (_, { texts }) => texts.convexity.describe,
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
    const edge = await trainAtEdge(context);
    const { texts } = context.language;
    const unitsIn = ({ record }: Run): string => lossName(texts, hasStandardizedTarget(record));
    const units = { network: unitsIn(mlp), linear: unitsIn(linear) };
    return {
      results: { lossUnits: unitsOf(mlp), ...resultsOf(proofs, random, edge) },
      sections: [
        ...(await chapters(context, proofs, random, units)),
        ...(edge === undefined
          ? []
          : await edgeSections(context, edge, texts.convexity.parts.edge)),
        ...(await linearSections(context, proofs, texts.convexity.parts.linear, units.linear)),
        ...(await runSections(context, mlp, "mlp", texts.experiments.theTraining)),
        ...datasetSection(context, dataset, "sigmoid", texts.experiments.theData),
      ],
    };
  },
};

function unitsOf({ record }: Run): string {
  return lossUnits(hasStandardizedTarget(record));
}

/** The report's parts, each with a figure first. `units` are those of the losses. */
async function chapters(
  context: Context,
  proofs: Proofs,
  random: RandomCurvature,
  units: { network: string; linear: string },
): Promise<ReportSection[]> {
  const { language } = context;
  const { parts } = language.texts.convexity;
  const { certificates, spectra } = proofs;
  return [
    ...(await randomSections(context, proofs, parts.random)),
    await spectrumSection(language, spectra, random, parts.random),
    ...(await worstSections(language, proofs, parts.worst, units.network)),
    ...(certificates === undefined
      ? []
      : [await kinkSection(language, spectra, certificates, parts.kinks)]),
    ...(await symmetricSections(context, proofs, parts.symmetric, units.network)),
    ...(await minimaSections(context, proofs, parts.minima, units.network)),
  ];
}

async function randomSections(
  context: Context,
  { randomLine, certificates }: Proofs,
  part: string,
): Promise<ReportSection[]> {
  const { convexity } = context.language.texts;
  const [slices, ...rest] = await lineSections(context, randomLine, "random", part);
  if (certificates === undefined) return [{ ...slices!, title: convexity.looksConvex }, ...rest];
  const { lengths, from, to, kinkCounts, rows } = certificates.random.record;
  const share = lengths.convex / (to - from);
  const title = convexity.looksConvexWith(rows, share, kinkCounts.falling);
  return [{ ...slices!, title }, ...rest];
}

async function worstSections(
  language: Language,
  { network, bend, certificates, linear }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const { texts, number } = language;
  const { convexity } = texts;
  const certified = certificates === undefined ? [] : [certificates.mean];
  if (certificates !== undefined && certificates.batch !== certificates.mean) {
    certified.push(certificates.batch);
  }
  const sections: ReportSection[] = [];
  for (const [index, one] of certified.entries()) {
    const [proof, settings] = await sectionsOfCertificate(language, one);
    const { rows } = one.record;
    const eigenvalue = `${number(bend.eigenvalue, 3)} ± ${number(bend.residual, 3)}`;
    const tables = proof!.blocks.filter(({ kind }) => kind === "table");
    sections.push(
      {
        ...proof!,
        id: `certificate-worst-${index}`,
        title: convexity.worstTitle(eigenvalue, rows, proof!.title),
        name: convexity.certificateOf(rows),
        part,
        // The figures are those of most rows; the certificate of one batch is folded.
        blocks: index === 0 ? [...sliceAndBend(proof!), ...tables] : tables,
      },
      { ...settings!, id: `certificate-settings-worst-${index}`, part },
    );
  }
  return [
    ...sections,
    {
      id: "proof-curvature",
      title: convexity.curvatureTitle,
      part,
      text: curvatureText(texts, network, bend),
      blocks: [
        factTable(
          "proof-curvature-table",
          convexity.hessianTable,
          [
            ...bendFacts(language, bend),
            ...witnessFacts(language, bend.witness, bend.witnessRows, units),
          ],
          texts.experiments.value,
        ),
        factTable(
          "proof-curvature-linear",
          convexity.linearHessianTable,
          bendFacts(language, linear.bend),
          texts.experiments.value,
        ),
      ],
    },
  ];
}

/** The slice of a certificate, and beside it the second derivative, where it is negative if the whole hides that. */
function sliceAndBend({ blocks }: ReportSection): LineFigure[] {
  const figures = blocks.filter((block): block is LineFigure => block.kind === "lines");
  const [slice, ...seconds] = figures;
  const shown = seconds.at(-1);
  return slice === undefined || shown === undefined ? figures : [slice, { ...shown, beside: true }];
}

/** Slices as one figure with a title of their own, without a readout. */
async function sliceFigure(
  context: Context,
  { made }: ProvenLine,
  id: string,
  title: string,
): Promise<{ figure: LineFigure; folded: ReportSection[] }> {
  const [slices, ...settings] = await lineSections(context, made, id, "");
  const found = slices!.blocks.find((block): block is LineFigure => block.kind === "lines");
  const { probe: _probe, ...figure } = found!;
  const tables = slices!.blocks.filter(({ kind }) => kind === "table");
  return {
    figure: { ...figure, id: `slices-${id}`, title },
    folded: [{ ...slices!, title, blocks: tables }, ...settings],
  };
}

async function symmetricSections(
  context: Context,
  { network, barrier, depth, factors, lossAtZero }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const { language } = context;
  const { convexity } = language.texts;
  const reversed = await sliceFigure(context, barrier, "barrier", convexity.toReversed);
  const zero = await sliceFigure(context, depth, "depth", convexity.toZero);
  const { convex, excess } = barrier.witness;
  return [
    {
      id: "symmetric",
      title: convex
        ? convexity.permutationTitle(true)
        : convexity.symmetricTitle(language.number(excess, 3)),
      name: convexity.parts.symmetric,
      part,
      blocks: [reversed.figure, { ...zero.figure, beside: true }],
    },
    ...(factors ? await lineSections(context, factors, "factors", part) : []),
    proofSection(language, "permutation", part, {
      title: convexity.permutationTitle(convex),
      text: permutationText(language.texts, network, barrier.witness),
      facts: witnessFacts(language, barrier.witness, barrier.batch.rows, units),
    }),
    proofSection(language, "depth", part, {
      title: convexity.depthTitle(depth.witness.convex),
      text: depthText(language.texts, network, depth.witness),
      facts: [
        [convexity.lossAtZero, lossAtZero],
        ...witnessFacts(language, depth.witness, depth.batch.rows, units),
      ],
    }),
    ...[...reversed.folded, ...zero.folded].map((section) => ({ ...section, part })),
  ];
}

async function minimaSections(
  context: Context,
  { otherMinimum, initial }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const { language } = context;
  const { convexity } = language.texts;
  const { made, witness, batch } = otherMinimum;
  const [between, ...settings] = withOneFigure(await lineSections(context, made, "minima", part));
  return [
    { ...between!, name: convexity.betweenName },
    ...settings,
    proofSection(language, "minima", part, {
      title: convexity.minimaTitle(witness.convex),
      text: convexity.minimaText,
      facts: witnessFacts(language, witness, batch.rows, units),
    }),
    ...(initial ? await initialSections(context, initial, part) : []),
  ];
}

/** The line from the trained weights to the initial ones. */
async function initialSections(
  context: Context,
  made: Landscape,
  part: string,
): Promise<ReportSection[]> {
  const { claims, convexity } = context.language.texts;
  const [slices, ...settings] = withOneFigure(await lineSections(context, made, "initial", part));
  const { start, end } = made.record.barrier!;
  const falls = end > start && slices!.title === claims.onlyFalls(end, start);
  const title = falls ? convexity.initialFalls(end, start) : slices!.title;
  return [{ ...slices!, title, name: convexity.initialName }, ...settings];
}

/** Sections without the second figure of the same line. */
function withOneFigure(sections: ReportSection[]): ReportSection[] {
  return sections.map((section) => {
    const first = section.blocks.findIndex(({ kind }) => kind === "lines");
    const blocks = section.blocks.filter(({ kind }, at) => kind !== "lines" || at === first);
    return { ...section, blocks };
  });
}

async function linearSections(
  context: Context,
  { linear }: Proofs,
  part: string,
  units: string,
): Promise<ReportSection[]> {
  const { language } = context;
  const { convexity } = language.texts;
  const { line, certificate } = linear;
  const [certified] = await sectionsOfCertificate(language, certificate);
  const { figure, folded } = await sliceFigure(context, line, "linear", convexity.betweenRandom);
  const slice = certified!.blocks.find((block): block is LineFigure => block.kind === "lines");
  const tables = certified!.blocks.filter(({ kind }) => kind === "table");
  return [
    {
      ...certified!,
      id: "certificate-linear",
      part,
      blocks: [slice!, { ...figure, beside: true }, ...tables],
    },
    proofSection(language, "linear", part, {
      title: convexity.linearTitle,
      text: convexity.linearText,
      facts: witnessFacts(language, line.witness, line.batch.rows, units),
    }),
    ...folded.map((section) => ({ ...section, part })),
  ];
}

type Facts = [string, string | number][];

/** A proof without a figure, which is folded. */
function proofSection(
  { texts }: Language,
  name: string,
  part: string,
  { title, text, facts }: { title: string; text: string; facts: Facts },
): ReportSection {
  return {
    id: `proof-${name}`,
    title,
    part,
    text,
    blocks: [factTable(`proof-${name}-table`, title, facts, texts.experiments.value)],
  };
}

function witnessFacts(
  { texts, number }: Language,
  witness: Witness,
  rows: number,
  units: string,
): Facts {
  const { alphas, losses, excess, rounding } = witness;
  const { convexity } = texts;
  return [
    [convexity.threePoints, alphas.map((alpha) => number(alpha)).join("; ")],
    [convexity.theirLosses(units), losses.map((loss) => number(loss, 12)).join("; ")],
    [convexity.rows, rows],
    [convexity.excess, excess],
    [convexity.rounding, rounding],
    [convexity.lossesVerdict, lossesVerdict(texts, witness)],
  ];
}

function bendFacts({ texts }: Language, bend: Bend): Facts {
  const { eigenvalue, residual, converged, largest, steps } = bend;
  const { convexity } = texts;
  return [
    [convexity.leastEigenvalue, eigenvalue],
    [convexity.residual, residual],
    [convexity.largestEigenvalue, largest],
    [convexity.products, steps],
    [convexity.converged, converged ? convexity.yes : convexity.no],
    [convexity.rows, bend.rows],
    [convexity.eigenvalueVerdict, eigenvalueVerdict(texts, bend)],
  ];
}
