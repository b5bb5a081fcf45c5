import type { Certificate, CurvatureResult } from "../../curvature/index.js";
import type { Bend } from "./bend.js";
import { edgeResults, type Edge } from "./edge.js";
import type { Proofs } from "./proofs.js";
import type { RandomCurvature } from "./spectrum-sections.js";

/** The numbers of all proofs, for results.json. */
export function resultsOf(
  proofs: Proofs,
  random: RandomCurvature,
  edge: Edge | undefined,
): Record<string, unknown> {
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
    ...(edge && { edge: edgeResults(edge) }),
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
