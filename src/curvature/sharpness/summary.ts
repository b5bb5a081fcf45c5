import type { PathSharpness, PathStability, SnapshotSharpness, StabilityFormula } from "./types.js";

/**
 * What becomes of the sharpness over a training, from that of its snapshots.
 *
 * @param path in the order of the steps, at least one
 * @param formula that of the limits; undefined where there are none
 */
export function summaryOfPath(
  path: readonly SnapshotSharpness[],
  formula: StabilityFormula | undefined,
  tolerance: number,
): PathSharpness {
  const highest = path.reduce((most, one) => (one.largest > most.largest ? one : most));
  return {
    snapshots: path.length,
    unconverged: path.filter(({ largest, residual }) => residual > tolerance * Math.abs(largest))
      .length,
    first: path[0]!,
    last: path.at(-1)!,
    highest,
    stability: formula === undefined ? null : stabilityOf(path, formula),
  };
}

function stabilityOf(path: readonly SnapshotSharpness[], formula: StabilityFormula): PathStability {
  const sides = path.map(sideOf);
  const count = (side: Side): number => sides.filter((own) => own === side).length;
  const at = sides.indexOf("above");
  const before = sides.lastIndexOf("below", at);
  const ratios = path.map(({ largest, limit }) => largest / (limit ?? NaN));
  const nearest = ratios.reduce((most, ratio, index) => (ratio > ratios[most]! ? index : most), 0);
  const since = at < 0 ? [] : ratios.slice(at);
  return {
    formula,
    above: count("above"),
    below: count("below"),
    undecided: count("undecided"),
    crossing: at < 0 ? null : crossingAt(path[at]!, path[before]),
    nearest: { step: path[nearest]!.step, ratio: ratios[nearest]! },
    since:
      at < 0
        ? null
        : {
            snapshots: since.length,
            above: sides.slice(at).filter((side) => side === "above").length,
            least: Math.min(...since),
            mean: since.reduce((sum, ratio) => sum + ratio, 0) / since.length,
            largest: Math.max(...since),
          },
  };
}

function crossingAt(
  first: SnapshotSharpness,
  before: SnapshotSharpness | undefined,
): PathStability["crossing"] {
  return { after: before?.step ?? null, by: first.step, limit: first.limit ?? NaN };
}

type Side = "above" | "below" | "undecided";

/** On which side of its limit an eigenvalue lies, as far as the residual tells. */
function sideOf({ largest, residual, limit }: SnapshotSharpness): Side {
  if (limit === null) return "undecided";
  if (largest - residual > limit) return "above";
  return largest + residual < limit ? "below" : "undecided";
}
