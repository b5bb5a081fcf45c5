import { number } from "./words.js";

/** What the page's script writes. */
export const script = {
  light: "Light",
  dark: "Dark",
  switchToLight: "Switch to light colours",
  switchToDark: "Switch to dark colours",
  showOrHide: "Show or hide",
  manyCurves: (count: number, first: string, last: string) =>
    `${number(count)} curves, coloured from ${first} to ${last}`,
  lowestOf: (name: string) => `${name}: lowest`,
  downloadImage: "Download plot as a PNG",
  failed: (reason: string) => `This chart could not be drawn: ${reason}`,
  noLibrary: "the chart library in this file did not start.",
  tooManySurfaces: (most: number) =>
    `A page can show ${number(most)} surfaces in three dimensions at a time, so this surface is shown from above, as a map with contour lines.`,
  noWebGL:
    "This browser has no WebGL, so this surface is shown from above, as a map with contour lines.",
  resetView: "Reset view",
  play: "Play",
  pause: "Pause",
  step: "step",
  stepOf: (step: number, last: number) => `${number(step)} of ${number(last)}`,
  mean: "mean",
  atAlpha: (alpha: string, name: string, loss: string, slope: string) =>
    `α = ${alpha}, ${name}: loss ${loss}, slope ${slope}`,
  stepFalls: (rate: string, to: string) => `A step of η = ${rate} goes to α = ${to}.`,
  stepCrosses: (rate: string, to: string) =>
    `A step of η = ${rate} goes to α = ${to}: it overshoots the lowest point, and the loss still falls.`,
  stepRises: (rate: string, to: string) =>
    `A step of η = ${rate} goes to α = ${to}: it overshoots the lowest point, and the loss rises.`,
  stable: (rate: string) =>
    `Along this direction the largest stable η is 2/L = ${rate}, by the parabola at the bottom.`,
  neverStable: "The curve has no lowest point within this slice, and so no largest stable η.",
  /** Plotly's own words, by its English ones. */
  plotly: {} as Readonly<Record<string, string>>,
};
