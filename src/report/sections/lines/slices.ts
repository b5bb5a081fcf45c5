import type { Language } from "../../../language/index.js";
import type { LandscapeRecord, SliceCurve, SliceSummaryRow } from "../../../landscape/index.js";
import type { LineFigure } from "../../figures/figure.js";
import { lossName } from "../../figures/loss-names.js";
import { rowsOfBatches, textOf } from "../landscape-texts.js";

/** The slices of the batches on one chart; of several batches also their mean and their spread. */
export function slicesFigure(
  language: Language,
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
  scale: "linear" | "log",
): LineFigure {
  const { texts } = language;
  const hasSeveral = record.batches.length > 1;
  const figure: LineFigure = {
    kind: "lines",
    ...(scale === "linear"
      ? linearHead(language, record, curves.length > 0)
      : logHead(language, hasSeveral)),
    x: { title: textOf(texts, record).axis, symbol: "α" },
    y: {
      title: texts.landscape.lossAxis(lossName(texts, record.standardized)),
      symbol: texts.landscape.loss,
      scale,
    },
    ...(scale === "linear" &&
      record.alphas.length > 2 && { probe: { norm: record.directionNorms[0] ?? 1 } }),
    series: curves.map((curve) => ({
      name: texts.landscape.batch(curve.batch),
      x: record.alphas,
      y: curve.losses,
      role: "batch",
      lowest: true,
    })),
  };
  return hasSeveral ? withSpread(language, figure, record.batches.length, summary) : figure;
}

type Head = Pick<LineFigure, "id" | "title" | "caption">;

function linearHead(language: Language, record: LandscapeRecord, hasCurves: boolean): Head {
  const { texts } = language;
  const { batches } = record;
  const rows = rowsOfBatches(language, record);
  const { look } = textOf(texts, record);
  if (batches.length === 1)
    return {
      id: "slices",
      title: texts.landscape.sliceOf(batches[0] ?? 0, rows),
      caption: look,
    };
  return {
    id: "slices",
    title: texts.landscape.slicesOf(batches.length, rows, hasCurves),
    caption: `${look} ${texts.landscape.lookSpread}`,
  };
}

function logHead({ texts }: Language, hasSeveral: boolean): Head {
  return {
    id: "slices-log",
    title: texts.landscape.logTitle,
    caption: texts.landscape.logCaption(hasSeveral),
  };
}

function withSpread(
  { texts }: Language,
  figure: LineFigure,
  batches: number,
  summary: readonly SliceSummaryRow[],
): LineFigure {
  const x = summary.map((row) => row.alpha);
  return {
    ...figure,
    series: [
      ...figure.series,
      {
        name: texts.landscape.meanOf(batches),
        x,
        y: summary.map((row) => row.mean),
        role: "mean",
      },
    ],
    bands: [
      {
        name: texts.landscape.spread,
        x,
        low: summary.map((row) => row.q05),
        high: summary.map((row) => row.q95),
      },
    ],
  };
}

/** Whether the losses span more than two decades: then a linear axis does not show the bottom of the valley. */
export function spansDecades(
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
): boolean {
  let lowest = Infinity;
  let highest = 0;
  for (const losses of [...curves.map((curve) => curve.losses), summary.map((row) => row.mean)]) {
    for (const loss of losses) {
      if (!Number.isFinite(loss) || loss <= 0) continue;
      lowest = Math.min(lowest, loss);
      highest = Math.max(highest, loss);
    }
  }
  return highest > 100 * lowest;
}
