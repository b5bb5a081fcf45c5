// The colours of charts, read from the style of the page.

import type { ReadSeries, ThemeColours } from "./types.js";

/** A marker for each colour, so that series differ by shape as well. */
export const symbols = ["circle", "square", "diamond", "triangle-up", "star", "cross"] as const;

export function readTheme(): ThemeColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: colour("paper"),
    raised: colour("raised"),
    ink: colour("ink"),
    muted: colour("muted"),
    rule: colour("rule"),
    band: colour("band"),
    ball: colour("ball"),
    series: symbols.map((_, index) => colour(`series-${index}`)),
    ramp: colour("ramp").split(" "),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** The colour at a position, 0 … 1, along a ramp of #rrggbb colours. */
export function rampColour(ramp: readonly string[], share: number): string {
  const stop = share * (ramp.length - 1);
  const from = Math.min(ramp.length - 2, Math.floor(stop));
  const [low, high] = [channels(ramp[from]!), channels(ramp[from + 1]!)];
  const mixed = low.map((value, index) =>
    Math.round(value + (high[index]! - value) * (stop - from)),
  );
  return `rgb(${mixed.join(", ")})`;
}

export function seriesColour(
  series: Pick<ReadSeries, "role" | "colour">,
  theme: ThemeColours,
): string {
  if (series.role === "mean") return theme.ink;
  if (series.role === "reference") return theme.muted;
  if ("palette" in series.colour) {
    return theme.series[series.colour.palette % theme.series.length]!;
  }
  return rampColour(theme.ramp, series.colour.ramp);
}
