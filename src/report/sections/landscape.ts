import path from "node:path";
import type {
  Landscape,
  LandscapeRecord,
  SliceCurve,
  SliceSummaryRow,
} from "../../landscape/index.js";
import type { FactTable, LineFigure, ReportSection } from "../figures/figure.js";
import { formatCount, formatNumber } from "../../common/text/numbers.js";
import { planeFigures, planeTable, readPlane } from "./plane.js";
import { countedExactly } from "../../common/text/plurals.js";
import { lossName } from "../figures/loss-names.js";

/** How each method comes to the losses. */
const methods: Readonly<Record<string, string>> = {
  "linear-sums": "linear-sums: exact, from six means of each batch",
  "relu-segments": "relu-segments: exact, from where each hidden unit switches along the line",
  "batched-forward": "batched-forward: a forward pass for each point",
};

/** With which instructions. */
const instructions: Record<LandscapeRecord["simd"], string> = {
  relaxed: "SIMD, multiplications fused with additions (relaxed)",
  fixed: "SIMD",
  mixed: "SIMD, in some parts with multiplications fused with additions (relaxed)",
  none: "that of TensorFlow.js",
};

/** Batches are listed one by one up to so many. */
const listedBatches = 20;

interface LineText {
  title: string;
  axis: string;
  /** What α = 0 and the line are, in a sentence. */
  text: string;
  look: string;
}

/** What a line or a plane along each kind of direction is. */
function textOf(record: LandscapeRecord): LineText {
  switch (record.along) {
    case "random-points":
      return {
        title: "between two random points",
        axis: "α, position between the first random point (0) and the second (1)",
        text: `The line runs from one random point of weight space to another, each weight of both drawn from ${formatNumber(record.scale)}·N(0, 1); it has no reason to pass near an optimum.`,
        look: "Look for where each batch is lowest (marked): at an end of the line there is no optimum within it",
      };
    case "model":
      return {
        title: "between two models",
        axis: "α, position between the run’s weights (0) and the other model’s (1)",
        text: "The line runs straight from the run’s weights to the other model’s.",
        look: "Look for a barrier between both ends: where the loss rises above the straight line from one end to the other, it is not convex",
      };
    case "gradient":
      return {
        title: "along the gradient",
        axis: "α, in multiples of the gradient (0: the run’s weights)",
        text: `The line passes through the run’s weights at α = 0, along the gradient of the loss of the selected batches${
          record.normalize === "filter"
            ? ", scaled to the norm of the weights of each unit, biases left out."
            : ": at α = −η lies a step of gradient descent with the learning rate η."
        }`,
        look: "Look for where the lowest points (marked) lie: those left of α = 0 can be reached by steps against the gradient",
      };
    case "path":
      return {
        title: "along the path of the training",
        axis: "α, in multiples of the path’s leading principal direction (0: the run’s weights)",
        text: "The line passes through the run’s weights at α = 0, in the direction in which the training moved the most: the leading principal component of its snapshots.",
        look: "Look for whether the loss falls towards α = 0 from either side, and how it goes on beyond",
      };
    default:
      return {
        title: "along a random direction",
        axis: "α, in multiples of the direction (0: the run’s weights)",
        text: `The line passes through the run’s weights at α = 0, along one random direction whose every entry is drawn from N(0, 1)${record.normalize === "filter" ? " and scaled to the norm of the weights of its unit, biases left out" : ""}: at α all weights are moved by α times the direction.`,
        look: "Look for whether the lowest points of the batches (marked) lie at the run’s weights, α = 0, or beside them",
      };
  }
}

/** `Loss landscape along a random direction` */
export function titleOfLandscape(record: LandscapeRecord): string {
  return record.kind === "plane"
    ? `Loss surface ${record.along === "path" ? "around the path of the training" : "over two directions"}`
    : `Loss landscape ${textOf(record).title}`;
}

async function planeSection(landscape: Landscape): Promise<ReportSection> {
  const { record, dir } = landscape;
  const grid = await readPlane(dir);
  const { path: run } = record;
  const isPath = record.along === "path";
  const first: Record<string, string> = {
    path: "α, along the path’s first principal direction",
    gradient: "α, along the gradient",
    model: "α, from the run’s weights (0) to the other model’s (1)",
  };
  const text = {
    loss: lossName(record.standardized),
    alpha: first[record.along] ?? "α, along the first random direction",
    beta: isPath ? "β, along the second principal direction" : "β, along a second random direction",
  };
  const data = [{ file: path.join(dir, "surface.parquet"), what: "mean and variance of the loss" }];
  return {
    id: "landscape",
    title: titleOfLandscape(record),
    text: `The plane passes through the run’s weights at α = β = 0; at (α, β) the weights are moved by α times one direction and β times another. The height is the mean loss of ${countedExactly(record.batches.length, "batch", "batches")} of ${rowsOfBatches(record)} rows.`,
    blocks: [...planeFigures(grid, text, run, data), planeTable(grid, run)],
  };
}

/**
 * A landscape as sections: the slices of the batches overlaid, with their mean and the band that
 * holds 5 % to 95 % of them where there are several, the lowest point of each, and the settings.
 */
export async function sectionsOfLandscape(landscape: Landscape): Promise<ReportSection[]> {
  const { record } = landscape;
  if (record.kind === "plane") return [await planeSection(landscape), settingsSection(record)];
  // Of very many batches only what they come to may have been kept.
  const [curves, summary] = await Promise.all([
    record.keep === "all" ? landscape.curves() : [],
    landscape.summary(),
  ]);
  const text = textOf(record);
  const figures = [slicesFigure(record, curves, summary, "linear")];
  if (spansDecades(curves, summary)) figures.push(slicesFigure(record, curves, summary, "log"));
  const data = [
    ...(record.keep === "all"
      ? [{ file: path.join(landscape.dir, "slices.parquet"), what: "the loss of each batch" }]
      : []),
    { file: path.join(landscape.dir, "summary.parquet"), what: "mean, spread and quantiles" },
  ];
  return [
    {
      id: "landscape",
      title: `Loss ${text.title}`,
      text: text.text,
      blocks: [
        ...figures.map((figure) => ({ ...figure, data })),
        ...(curves.length > 0 ? [lowestTable(record, curves)] : []),
      ],
    },
    settingsSection(record),
  ];
}

/** Whether the losses span more than two decades, so that the bottom of the valley cannot be read off a linear axis. */
function spansDecades(curves: readonly SliceCurve[], summary: readonly SliceSummaryRow[]): boolean {
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

export function slicesFigure(
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
  summary: readonly SliceSummaryRow[],
  scale: "linear" | "log",
): LineFigure {
  const text = textOf(record);
  const count = record.batches.length;
  const several = count > 1;
  const alphas = summary.map((row) => row.alpha);
  const rows = rowsOfBatches(record);
  return {
    kind: "lines",
    id: scale === "linear" ? "slices" : "slices-log",
    title:
      scale === "linear"
        ? several
          ? `Slices of ${formatNumber(count)} batches of ${rows} rows${curves.length > 0 ? ", overlaid" : ": their mean and spread"}`
          : `Slice of batch ${record.batches[0] ?? 0}, ${rows} rows`
        : "The same on a logarithmic axis: the bottom of the valley",
    caption:
      scale === "linear"
        ? `${text.look}${several ? ", and how far the batches lie from their mean." : "."}`
        : `Look for how ${several ? "the batches differ" : "sharp the valley is"} near the lowest loss, where the linear axis shows one flat line.`,
    x: { title: text.axis, symbol: "α" },
    y: { title: `loss (${lossName(record.standardized)})`, symbol: "loss", scale },
    series: [
      ...curves.map((curve) => ({
        name: `batch ${formatNumber(curve.batch)}`,
        x: record.alphas,
        y: curve.losses,
        role: "batch" as const,
        lowest: true,
      })),
      ...(several
        ? [
            {
              name: `mean of ${formatNumber(count)} batches`,
              x: alphas,
              y: summary.map((row) => row.mean),
              role: "mean" as const,
            },
          ]
        : []),
    ],
    ...(several && {
      bands: [
        {
          name: "5 % to 95 % of the batches",
          x: alphas,
          low: summary.map((row) => row.q05),
          high: summary.map((row) => row.q95),
        },
      ],
    }),
  };
}

/** `1,000`, or `at most 1,000` where the dataset's last batch is smaller. */
function rowsOfBatches({ batches, batchSize, rows }: LandscapeRecord): string {
  if (rows === batches.length * batchSize) return formatNumber(batchSize);
  return batches.length === 1 ? formatNumber(rows) : `at most ${formatNumber(batchSize)}`;
}

interface Lowest {
  batch: number;
  alpha: number;
  loss: number;
  atCentre: number;
}

function lowestOf(record: LandscapeRecord, curve: SliceCurve): Lowest {
  let at = -1;
  curve.losses.forEach((loss, index) => {
    if (Number.isFinite(loss) && (at < 0 || loss < (curve.losses[at] ?? 0))) at = index;
  });
  const centre = record.alphas.indexOf(0);
  return {
    batch: curve.batch,
    alpha: record.alphas[at] ?? NaN,
    loss: curve.losses[at] ?? NaN,
    atCentre: curve.losses[centre] ?? NaN,
  };
}

function lowestTable(record: LandscapeRecord, curves: readonly SliceCurve[]): FactTable {
  const lowest = curves.map((curve) => lowestOf(record, curve));
  const hasCentre = record.along === "random" && record.alphas.includes(0);
  const columns = ["batch", "α of the lowest loss", "lowest loss"];
  if (hasCentre) columns.push("loss at the run’s weights (α = 0)");
  const row = (name: string, values: Omit<Lowest, "batch">): (string | number)[] => [
    name,
    values.alpha,
    values.loss,
    ...(hasCentre ? [values.atCentre] : []),
  ];
  if (curves.length <= listedBatches) {
    return {
      kind: "table",
      id: "lowest-points",
      title: curves.length > 1 ? "The lowest point of each batch" : "The lowest point",
      columns,
      rows: lowest.map((one) => row(formatNumber(one.batch), one)),
    };
  }
  const over = (pick: (values: number[]) => number): Omit<Lowest, "batch"> => ({
    alpha: pick(lowest.map((one) => one.alpha)),
    loss: pick(lowest.map((one) => one.loss)),
    atCentre: pick(lowest.map((one) => one.atCentre)),
  });
  return {
    kind: "table",
    id: "lowest-points",
    title: `The lowest points of ${formatNumber(curves.length)} batches`,
    caption:
      "Each column on its own: the smallest, the mean and the largest value over the batches.",
    columns: ["over the batches", ...columns.slice(1)],
    rows: [
      row(
        "smallest",
        over((values) => values.reduce((a, b) => Math.min(a, b), Infinity)),
      ),
      row(
        "mean",
        over((values) => values.reduce((a, b) => a + b, 0) / values.length),
      ),
      row(
        "largest",
        over((values) => values.reduce((a, b) => Math.max(a, b), -Infinity)),
      ),
    ],
  };
}

/** `0, 1, 2, 3, 4`, or `0 … 99 (100 batches)` where there are many. */
function batchList(batches: readonly number[]): string {
  if (batches.length <= 8) return batches.join(", ");
  const isRange = batches.every((batch, index) => batch === (batches[0] ?? 0) + index);
  const listed = isRange
    ? `${batches[0]} … ${batches.at(-1)}`
    : `${batches.slice(0, 6).join(", ")}, …, ${batches.at(-1)}`;
  return `${listed} (${formatNumber(batches.length)} batches)`;
}

function settingsSection(record: LandscapeRecord): ReportSection {
  const [first, last] = [record.alphas[0] ?? NaN, record.alphas.at(-1) ?? NaN];
  return {
    id: "landscape-settings",
    title: "Settings of the landscape",
    blocks: [
      {
        kind: "table",
        id: "landscape-settings-table",
        title: "Settings",
        columns: ["setting", "value"],
        rows: [
          ["along", record.model === undefined ? record.along : `model:${record.model}`],
          ["scale", record.scale],
          [
            "α",
            `${formatNumber(first)} … ${formatNumber(last)} in ${formatNumber(record.alphas.length)} points`,
          ],
          ...(record.betas === undefined
            ? []
            : [
                [
                  "β",
                  `${formatNumber(record.betas[0] ?? NaN)} … ${formatNumber(record.betas.at(-1) ?? NaN)} in ${formatNumber(record.betas.length)} points`,
                ],
              ]),
          [
            record.directionNorms.length > 1
              ? "lengths of the directions"
              : "length of the direction",
            record.directionNorms.map((norm) => formatNumber(norm)).join(", "),
          ],
          ["normalisation of the direction", record.normalize],
          ["seed of the direction", String(record.seed)],
          ["batches", batchList(record.batches)],
          ["batch size", record.batchSize],
          ["loss", lossName(record.standardized)],
          ["method", methods[record.method] ?? record.method],
          ["arithmetic", instructions[record.simd]],
          [
            "throughput",
            `${formatCount(record.rowPointsPerSecond)} row-points/s (losses of one row at one point)`,
          ],
          ["run", record.run],
          ["dataset", record.dataset.path],
        ],
      },
    ],
    command: record.command,
  };
}
