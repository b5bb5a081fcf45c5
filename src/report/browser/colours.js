// The colours of the page, read from its style, as the charts use them.

/** Markers, one a colour, so that series differ by shape too. */
export const symbols = ["circle", "square", "diamond", "triangle-up", "star", "cross"];

export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: colour("paper"),
    raised: colour("raised"),
    ink: colour("ink"),
    muted: colour("muted"),
    rule: colour("rule"),
    band: colour("band"),
    series: symbols.map((_, index) => colour(`series-${index}`)),
    ramp: colour("ramp").split(" "),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function channels(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** The colour at a share, 0 … 1, of the way along a ramp of #rrggbb colours. */
export function rampColour(ramp, share) {
  const place = share * (ramp.length - 1);
  const from = Math.min(ramp.length - 2, Math.floor(place));
  const [low, high] = [channels(ramp[from]), channels(ramp[from + 1])];
  const mixed = low.map((value, index) =>
    Math.round(value + (high[index] - value) * (place - from)),
  );
  return `rgb(${mixed.join(", ")})`;
}

export function seriesColour(series, theme) {
  if (series.role === "mean") return theme.ink;
  if (series.role === "reference") return theme.muted;
  if ("palette" in series.colour) return theme.series[series.colour.palette % theme.series.length];
  return rampColour(theme.ramp, series.colour.ramp);
}
