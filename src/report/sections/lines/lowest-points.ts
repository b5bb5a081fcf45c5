import type { Language, Texts } from "../../../language/index.js";
import type { LandscapeRecord, SliceCurve } from "../../../landscape/index.js";
import type { FactTable } from "../../figures/figure.js";

/** The most batches that are listed one by one. */
const mostListed = 20;

interface Lowest {
  batch: number;
  alpha: number;
  loss: number;
  atCentre: number;
}

/** The lowest point of each batch; of many batches the smallest, the mean and the largest values. */
export function lowestTable(
  { texts, number }: Language,
  record: LandscapeRecord,
  curves: readonly SliceCurve[],
): FactTable {
  const lowest = curves.map((curve) => lowestOf(record, curve));
  const hasCentre = record.along === "random" && record.alphas.includes(0);
  const columns = [texts.landscape.alphaOfLowest, texts.landscape.lowestLoss];
  if (hasCentre) columns.push(texts.landscape.lossAtWeights);
  const cells = ({ alpha, loss, atCentre }: Omit<Lowest, "batch">): number[] =>
    hasCentre ? [alpha, loss, atCentre] : [alpha, loss];
  if (curves.length <= mostListed) {
    return {
      kind: "table",
      id: "lowest-points",
      title: curves.length > 1 ? texts.landscape.lowestPoints : texts.landscape.lowestPoint,
      columns: [texts.landscape.batchColumn, ...columns],
      rows: lowest.map((one) => [number(one.batch), ...cells(one)]),
    };
  }
  return {
    kind: "table",
    id: "lowest-points",
    title: texts.landscape.lowestPointsOf(curves.length),
    caption: texts.landscape.lowestCaption,
    columns: [texts.landscape.overBatches, ...columns],
    rows: summaries(texts).map(([name, of]) => [
      name,
      ...cells({
        alpha: of(lowest.map(({ alpha }) => alpha)),
        loss: of(lowest.map(({ loss }) => loss)),
        atCentre: of(lowest.map(({ atCentre }) => atCentre)),
      }),
    ]),
  };
}

type Summary = readonly [name: string, of: (values: number[]) => number];

const summaries = (texts: Texts): readonly Summary[] => [
  [texts.landscape.smallest, (values) => values.reduce((a, b) => Math.min(a, b), Infinity)],
  [texts.landscape.mean, (values) => values.reduce((a, b) => a + b, 0) / values.length],
  [texts.landscape.largest, (values) => values.reduce((a, b) => Math.max(a, b), -Infinity)],
];

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
