import type { Language } from "../../../language/index.js";
import type { Barrier, LandscapeRecord, SliceSummaryRow } from "../../../landscape/index.js";
import type { FactTable, LineFigure, Series } from "../../figures/figure.js";
import { lossName } from "../../figures/loss-names.js";
import { textOf } from "../landscape-texts.js";

/** The mean loss to a model as it is and to the same model with its units matched, and the straight lines between the ends. */
export function alignmentFigure(
  { texts }: Language,
  record: LandscapeRecord,
  summary: readonly SliceSummaryRow[],
): LineFigure {
  const lines = [
    [1, texts.landscape.asTrained],
    [0, texts.landscape.matched],
  ] as const;
  const series = lines.map(([slice, name]): Series => {
    const rows = summary.filter((row) => row.slice === slice);
    return { name, x: rows.map(({ alpha }) => alpha), y: rows.map(({ mean }) => mean) };
  });
  const { barrier } = record;
  // The ends of both lines have the same losses, up to rounding.
  const chord: Series[] = barrier
    ? [
        {
          name: texts.landscape.chord,
          x: [0, 1],
          y: [barrier.start, barrier.end],
          role: "reference",
        },
      ]
    : [];
  return {
    kind: "lines",
    id: "side-by-side",
    title: texts.landscape.alignmentTitle,
    caption: texts.landscape.alignmentCaption,
    x: { title: textOf(texts, record).axis, symbol: "α" },
    y: {
      title: texts.landscape.lossAxis(lossName(texts, record.standardized)),
      symbol: texts.landscape.loss,
    },
    series: [...series, ...chord],
  };
}

/** The barriers of a line between two models in numbers; undefined where the record has none. */
export function barrierTable(
  { texts }: Language,
  { barrier, unaligned }: LandscapeRecord,
): FactTable | undefined {
  if (barrier === undefined) return undefined;
  const { asTrained, matched, value, quantity } = texts.landscape;
  const columns = unaligned ? [unaligned, barrier] : [barrier];
  const row = (name: string, of: (one: Barrier) => number) => [name, ...columns.map(of)];
  return {
    kind: "table",
    id: "barrier",
    title: texts.landscape.barrierTitle,
    caption: texts.landscape.barrierCaption,
    columns: [quantity, ...(unaligned ? [asTrained, matched] : [value])],
    rows: [
      row(texts.landscape.barrierHeight, ({ height }) => height),
      row(texts.landscape.barrierAt, ({ alpha }) => alpha),
      row(texts.landscape.barrierMissed, ({ missed }) => missed),
      row(texts.landscape.lossAtStart, ({ start }) => start),
      row(texts.landscape.lossAtEnd, ({ end }) => end),
      row(texts.landscape.barrierRise, ({ rise }) => rise),
    ],
  };
}
