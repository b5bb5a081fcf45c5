import { formatNumber } from "../../common/text/numbers.js";
import type { LandscapeRecord, SliceCurve, SliceSummaryRow } from "../../landscape/index.js";
import type { LineFigure } from "../figures/figure.js";
import { lossName } from "../figures/loss-names.js";
import { rowsOfBatches, textOf } from "./landscape-texts.js";

/** The slices of the batches on one chart; of several batches also their mean and their spread. */
export function slicesFigure(
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
  scale: "linear" | "log",
): LineFigure {
  const hasSeveral = record.batches.length > 1;
  const figure: LineFigure = {
    kind: "lines",
    ...(scale === "linear" ? linearHead(record, curves.length > 0) : logHead(hasSeveral)),
    x: { title: textOf(record).axis, symbol: "α" },
    y: { title: `loss (${lossName(record.standardized)})`, symbol: "loss", scale },
    ...(scale === "linear" &&
      record.alphas.length > 2 && { probe: { norm: record.directionNorms[0] ?? 1 } }),
    series: curves.map((curve) => ({
      name: `batch ${formatNumber(curve.batch)}`,
      x: record.alphas,
      y: curve.losses,
      role: "batch",
      lowest: true,
    })),
  };
  return hasSeveral ? withSpread(figure, record.batches.length, summary) : figure;
}

type Head = Pick<LineFigure, "id" | "title" | "caption">;

function linearHead(record: LandscapeRecord, hasCurves: boolean): Head {
  const { batches } = record;
  const rows = rowsOfBatches(record);
  const { look } = textOf(record);
  if (batches.length === 1)
    return {
      id: "slices",
      title: `Slice of batch ${batches[0] ?? 0}, ${rows} rows`,
      caption: `${look}.`,
    };
  return {
    id: "slices",
    title: `Slices of ${formatNumber(batches.length)} batches of ${rows} rows${hasCurves ? ", overlaid" : ": their mean and spread"}`,
    caption: `${look}, and how far the batches lie from their mean.`,
  };
}

function logHead(hasSeveral: boolean): Head {
  return {
    id: "slices-log",
    title: "The same on a logarithmic axis: the bottom of the valley",
    caption: `Look for how ${hasSeveral ? "the batches differ" : "sharp the valley is"} near the lowest loss, where the linear axis shows one flat line.`,
  };
}

function withSpread(
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
        name: `mean of ${formatNumber(batches)} batches`,
        x,
        y: summary.map((row) => row.mean),
        role: "mean",
      },
    ],
    bands: [
      {
        name: "5 % to 95 % of the batches",
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
