import type { Language, Texts } from "../../language/index.js";
import type { LandscapeRecord } from "../../landscape/index.js";
import type { FactTable, ReportSection } from "../figures/figure.js";
import { lossName } from "../figures/loss-names.js";

function alongText({ along, parameter }: LandscapeRecord): string {
  return parameter === undefined ? along : `${along}:${parameter}`;
}

/** The settings of a landscape, and the command that computes it. */
export function settingsOfLandscape(language: Language, record: LandscapeRecord): ReportSection {
  const { texts, number } = language;
  const methods: Readonly<Record<string, string>> = texts.settings.methods;
  const axisText = (values: readonly number[]): string =>
    texts.settings.grid(values[0] ?? NaN, values.at(-1) ?? NaN, values.length);
  const norms = record.directionNorms;
  const rows: FactTable["rows"] = [
    [texts.settings.along, alongText(record)],
    ...(record.model === undefined ? [] : [[texts.settings.otherModel, { path: record.model }]]),
    [texts.settings.scale, record.scale],
    ["α", axisText(record.alphas)],
    ...(record.betas === undefined ? [] : [["β", axisText(record.betas)]]),
    [texts.settings.lengths(norms.length), norms.map((norm) => number(norm)).join("; ")],
    [texts.settings.normalize, record.normalize],
    [texts.settings.seedOfDirection, String(record.seed)],
    [texts.settings.batches, batchList(texts, record.batches)],
    [texts.settings.batchSize, record.batchSize],
    [texts.settings.loss, lossName(texts, record.standardized)],
    [
      texts.settings.method,
      Object.hasOwn(methods, record.method) ? methods[record.method]! : record.method,
    ],
    [texts.settings.arithmetic, texts.settings.instructions[record.simd]],
    [texts.settings.throughput, texts.settings.rowPoints(record.rowPointsPerSecond)],
    [texts.settings.run, { path: record.run }],
    [texts.settings.dataset, { path: record.dataset.path }],
  ];
  return {
    id: "landscape-settings",
    title: texts.settings.ofLandscape,
    blocks: [
      {
        kind: "table",
        id: "landscape-settings-table",
        title: texts.settings.title,
        columns: [texts.settings.setting, texts.settings.value],
        rows,
      },
    ],
    command: record.command,
  };
}

/** `0, 1, 2, 3, 4`, or `0 … 99 (100 batches)` of many. */
function batchList(texts: Texts, batches: readonly number[]): string {
  if (batches.length <= 8) return batches.join(", ");
  const isRange = batches.every((batch, index) => batch === (batches[0] ?? 0) + index);
  const listed = isRange
    ? `${batches[0]} … ${batches.at(-1)}`
    : `${batches.slice(0, 6).join(", ")}, …, ${batches.at(-1)}`;
  return texts.settings.batchCount(listed, batches.length);
}
