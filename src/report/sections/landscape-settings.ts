import { formatCount, formatNumber } from "../../common/text/numbers.js";
import type { LandscapeRecord } from "../../landscape/index.js";
import type { FactTable, ReportSection } from "../figures/figure.js";
import { lossName } from "../figures/loss-names.js";

/** How each method computes the losses. */
const methods: Readonly<Record<string, string>> = {
  "linear-sums": "linear-sums: exact, from six means of each batch",
  "relu-segments": "relu-segments: exact, from where each hidden unit switches along the line",
  "batched-forward": "batched-forward: a forward pass for each point",
};

/** The instructions that it uses. */
const instructions: Record<LandscapeRecord["simd"], string> = {
  relaxed: "SIMD, multiplications fused with additions (relaxed)",
  fixed: "SIMD",
  mixed: "SIMD, partly with multiplications fused with additions (relaxed)",
  none: "that of TensorFlow.js",
};

function alongText({ along, parameter }: LandscapeRecord): string {
  return parameter === undefined ? along : `${along}:${parameter}`;
}

/** The settings of a landscape, and the command that computes it. */
export function settingsOfLandscape(record: LandscapeRecord): ReportSection {
  const rows: FactTable["rows"] = [
    ["along", alongText(record)],
    ...(record.model === undefined ? [] : [["the other model", { path: record.model }]]),
    ["scale", record.scale],
    ["α", axisText(record.alphas)],
  ];
  if (record.betas !== undefined) rows.push(["β", axisText(record.betas)]);
  const norms = record.directionNorms;
  rows.push(
    [
      norms.length > 1 ? "lengths of the directions" : "length of the direction",
      norms.map((norm) => formatNumber(norm)).join(", "),
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
    ["run", { path: record.run }],
    ["dataset", { path: record.dataset.path }],
  );
  return {
    id: "landscape-settings",
    title: "Settings of the landscape",
    blocks: [
      {
        kind: "table",
        id: "landscape-settings-table",
        title: "Settings",
        columns: ["setting", "value"],
        rows,
      },
    ],
    command: record.command,
  };
}

function axisText(values: readonly number[]): string {
  const [first, last] = [values[0] ?? NaN, values.at(-1) ?? NaN];
  return `${formatNumber(first)} … ${formatNumber(last)} in ${formatNumber(values.length)} points`;
}

/** `0, 1, 2, 3, 4`, or `0 … 99 (100 batches)` of many. */
function batchList(batches: readonly number[]): string {
  if (batches.length <= 8) return batches.join(", ");
  const isRange = batches.every((batch, index) => batch === (batches[0] ?? 0) + index);
  const listed = isRange
    ? `${batches[0]} … ${batches.at(-1)}`
    : `${batches.slice(0, 6).join(", ")}, …, ${batches.at(-1)}`;
  return `${listed} (${formatNumber(batches.length)} batches)`;
}
