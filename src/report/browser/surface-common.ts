// The colours, heights and marks that surfaces and maps share.

import { powerOfTen } from "../../common/text/numbers.js";
import { heightColours } from "../figures/height-colours.js";
import { symbols } from "./theme.js";
import { format } from "./language.js";
import { isVast } from "./layout.js";
import { plain } from "./plotly-text.js";
import type { AxisData, Entry, ReadMark, ReadSurface, ThemeColours, Trace } from "./types.js";

type Rows = readonly Float64Array[];

/** The colours of heights for Plotly. */
export const colourScale: readonly (readonly [number, string])[] = heightColours.map(
  (colour, index) => [index / (heightColours.length - 1), colour],
);

/**
 * The surface as the first entry, which cannot be hidden.
 *
 * @param isListed whether the legend has it; beside a bar of its colours it says nothing new
 */
export function surfaceEntry(figure: ReadSurface, trace: Trace, isListed: boolean): Entry {
  return {
    name: figure.z.title,
    isFixed: true,
    isListed,
    swatch: { gradient: heightColours },
    traces: [trace],
  };
}

/** The values that are coloured: of a logarithmic axis their logarithms, since Plotly's colours are linear. */
export function heights(figure: ReadSurface): Float64Array[] {
  return figure.z.scale === "log"
    ? figure.zs.map((row) => row.map((value) => Math.log10(value)))
    : figure.zs;
}

/** The smallest and the largest finite height. */
export function extent(rows: Rows): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const value of row) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

/**
 * Labels of a logarithmic axis: powers of ten and, if there are few of them, digits between them.
 *
 * @param ends of the axis, as powers of ten
 * @param most about how many labels
 */
export function decades(
  [low, high]: readonly [number, number],
  most: number,
): { at: number[]; texts: string[] } {
  const every = Math.max(1, Math.ceil((high - low) / most));
  const steps = high - low < most / 4 ? [1, 2, 5] : high - low < most / 2 ? [1, 3] : [1];
  const label = isVast([10 ** low, 10 ** high])
    ? (step: number, power: number) =>
        step === 1 ? powerOfTen(power) : `${step}×${powerOfTen(power)}`
    : (step: number, power: number) => format.number(step * 10 ** power, 1);
  const labels: { at: number; text: string }[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    if (power % every !== 0) continue;
    for (const step of steps) {
      const at = power + Math.log10(step);
      if (at >= low && at <= high) labels.push({ at, text: label(step, power) });
    }
  }
  return { at: labels.map(({ at }) => at), texts: labels.map(({ text }) => text) };
}

/** The labels of a bar of logarithmic colours. */
function barLabels(rows: Rows): Record<string, unknown> {
  const { at, texts } = decades(extent(rows), 6);
  return { tickmode: "array", tickvals: at, ticktext: texts };
}

export function colourBar(
  figure: ReadSurface,
  theme: ThemeColours,
  rows: Rows,
): Record<string, unknown> {
  return {
    outlinewidth: 0,
    thickness: 12,
    exponentformat: "power",
    tickfont: { color: theme.muted, size: 11 },
    title: { text: plain(figure.z.symbol), font: { size: 12 } },
    ...(figure.z.scale === "log" && barLabels(rows)),
  };
}

/** The text under the pointer, one line for each axis: `α = 0.5`. */
export function pointerText(axes: readonly (readonly [AxisData, string])[]): string {
  return axes
    .map(([described, value]) => `${plain(described.symbol)} = %{${value}:.8~g}`)
    .join("<br>");
}

/** An entry for each mark, in its own colour. `tracesOf` makes its traces. */
export function markEntries(
  figure: ReadSurface,
  theme: ThemeColours,
  tracesOf: (mark: ReadMark, colour: string) => Trace[],
): Entry[] {
  return figure.marks.map((mark, index) => {
    const colour = theme.series[(index + 1) % theme.series.length]!;
    return {
      name: mark.name,
      swatch: {
        ...(mark.role === "path" && { stroke: colour, width: 2.5 }),
        symbol: symbols[0],
        colour,
      },
      traces: tracesOf(mark, colour),
    };
  });
}

/** The last value in an array of its own: the end of a path is a trace of one point. */
export function last<Value>(values: {
  at(index: number): Value | undefined;
}): (Value | undefined)[] {
  return [values.at(-1)];
}
