import path from "node:path";
import type {
  CurvatureResult,
  PathSharpness,
  PathStability,
  SnapshotSharpness,
  StabilityFormula,
} from "../../../curvature/index.js";
import type { Language, Texts } from "../../../language/index.js";
import type { FactTable, LineFigure, ReportSection, Series } from "../../figures/figure.js";

/** A limit that is higher than so many times the highest eigenvalue would flatten the curve. */
const HIGH = 5;
/** Room above the highest thing that is drawn. */
const ROOM = 1.08;

/** The largest eigenvalue over the training, beside the limit of stable steps. */
export async function pathSection(
  language: Language,
  result: CurvatureResult,
): Promise<ReportSection> {
  const { curvature } = language.texts;
  const summary = result.record.alongPath!;
  const { stability, snapshots } = summary;
  return {
    id: "curvature-path",
    title: claimOf(language.texts, summary),
    name: curvature.pathName,
    text:
      stability === null
        ? curvature.pathTextWithoutLimit(snapshots)
        : curvature.pathText(unbroken(stability.formula), snapshots),
    blocks: [pathFigure(language, result, await result.alongPath()), pathTable(language, summary)],
  };
}

/** What becomes of the eigenvalue, in a sentence. */
export function claimOf(
  { curvature }: Pick<Texts, "curvature">,
  { first, last, stability }: PathSharpness,
): string {
  if (stability === null) {
    return curvature.withoutLimit(first.largest, last.largest, last.step - first.step);
  }
  const { crossing, since, nearest, undecided } = stability;
  const formula = unbroken(stability.formula);
  if (crossing === null || since === null) {
    const say = undecided === 0 ? curvature.staysBelow : curvature.touches;
    return say(formula, nearest.ratio, nearest.step);
  }
  const { after, by, limit } = crossing;
  const begins =
    after === null
      ? curvature.isAbove(formula, limit, by)
      : curvature.crosses(formula, limit, first.largest, after, by);
  return since.snapshots === 1 ? begins : begins + curvature.since(since.least, since.largest);
}

function pathFigure(
  { texts, number }: Language,
  { dir, record }: CurvatureResult,
  found: readonly SnapshotSharpness[],
): LineFigure {
  const { curvature } = texts;
  const { stability, highest } = record.alongPath!;
  const steps = found.map(({ step }) => step);
  const drawn = stability === null ? undefined : limitOf(texts, stability, found, number);
  const top = drawn?.isHigh === false ? Math.max(highest.largest, drawn.highest) : highest.largest;
  const low = found.reduce((least, { largest }) => Math.min(least, largest), 0);
  return {
    kind: "lines",
    id: "curvature-path",
    title: curvature.pathTitle,
    caption: captionOf(texts, stability, drawn?.isHigh === true),
    x: { title: curvature.stepAxis, symbol: curvature.step },
    y: { title: curvature.largestAxis, symbol: "λ", range: [low, ROOM * top] },
    series: [
      { name: curvature.largestEigenvalue, x: steps, y: found.map(({ largest }) => largest) },
      ...(drawn === undefined || drawn.isHigh ? [] : [drawn.series]),
      ...firstAbove(texts, stability, found),
    ],
    data: [{ file: path.join(dir, "path.parquet"), what: curvature.pathFile }],
  };
}

/** The dashed line of the limit, and whether it is so high that it would flatten the curve. */
function limitOf(
  { curvature }: Texts,
  { formula }: PathStability,
  found: readonly SnapshotSharpness[],
  number: Language["number"],
): { series: Series; isHigh: boolean; highest: number } {
  const limits = found.map(({ limit }) => limit ?? NaN);
  const [lowest, highest] = [Math.min(...limits), Math.max(...limits)];
  const most = HIGH * found.reduce((top, { largest }) => Math.max(top, largest), 0);
  const name = curvature.limit(formula, lowest === highest ? number(lowest, 4) : undefined);
  const steps = found.map(({ step }) => step);
  return {
    series: { name, role: "reference", x: steps, y: limits },
    isHigh: lowest > most,
    // Where the learning rate falls to 0, the limit rises out of the figure.
    highest: Math.min(highest, Math.max(lowest, most)),
  };
}

/** The first snapshot above the limit as a point. */
function firstAbove(
  { curvature }: Texts,
  stability: PathStability | null,
  found: readonly SnapshotSharpness[],
): Series[] {
  const by = stability?.crossing?.by;
  const at = found.find(({ step }) => step === by);
  if (at === undefined) return [];
  return [{ name: curvature.firstAbove(at.step), role: "points", x: [at.step], y: [at.largest] }];
}

function captionOf(
  { curvature }: Texts,
  stability: PathStability | null,
  isAboveFigure: boolean,
): string {
  if (stability === null) return curvature.pathCaptionWithoutLimit;
  const say = isAboveFigure ? curvature.pathCaptionAbove : curvature.pathCaption;
  return say(unbroken(stability.formula));
}

/** A formula that no line ends within. */
function unbroken(formula: StabilityFormula): string {
  return formula.replaceAll("/", "/\u2060").replaceAll(" ", "\u00A0");
}

function pathTable({ texts, number }: Language, summary: PathSharpness): FactTable {
  const { curvature } = texts;
  const { first, last, highest, snapshots, unconverged, stability } = summary;
  const value = ({ largest, residual }: SnapshotSharpness): string =>
    `${number(largest, 5)} ± ${number(residual, 2)}`;
  const ratio = (one: number): string => number(one, 4);
  const rows: FactTable["rows"] = [
    [curvature.snapshots, snapshots],
    [curvature.atFirst(first.step), value(first)],
    [curvature.atFirst(last.step), value(last)],
    [curvature.highest(highest.step), value(highest)],
  ];
  if (stability !== null) {
    const { formula, above, below, undecided, since } = stability;
    if (first.limit !== null && first.limit === last.limit) rows.push([formula, first.limit]);
    rows.push([curvature.aboveIt, above], [curvature.belowIt, below]);
    rows.push([curvature.undecided, undecided]);
    if (since !== null) {
      rows.push([curvature.aboveSince, curvature.aboveOf(since.above, since.snapshots)]);
      rows.push([curvature.meanSince, ratio(since.mean)]);
    }
  }
  rows.push([curvature.unconverged, unconverged]);
  return {
    kind: "table",
    id: "curvature-path-table",
    title: curvature.pathTable,
    columns: ["", curvature.value],
    rows,
  };
}
