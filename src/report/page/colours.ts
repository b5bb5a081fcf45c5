/** The colours of the page and its charts, light or dark. */
export interface Theme {
  paper: string;
  raised: string;
  ink: string;
  muted: string;
  rule: string;
  accent: string;
  notice: string;
  "notice-ink": string;
  band: string;
  /** What a reader moves: the ball, the scrubber, the probe. Contrast at least 3:1 to the paper. */
  ball: string;
  /** The shadow at the edge of a table that can be scrolled. */
  edge: string;
  /** Distinguishable with normal sight and with each kind of colour blindness; contrast at least 3:1 to the paper. Both are tested. */
  series: [string, string, string, string, string, string];
  /** The stops of a ramp, for more series than there are colours. */
  ramp: [string, string, string, string];
}

export const light: Theme = {
  paper: "#ffffff",
  raised: "#f5f6f8",
  ink: "#1b1f24",
  muted: "#59626d",
  rule: "#dfe3e8",
  accent: "#0b5394",
  notice: "#fff6e0",
  "notice-ink": "#5c4100",
  band: "rgba(27, 31, 36, 0.12)",
  ball: "#b4512d",
  edge: "rgba(27, 31, 36, 0.22)",
  series: ["#0b5394", "#dd6b00", "#0e8a6d", "#c45ba6", "#7c1d3a", "#479ade"],
  ramp: ["#440154", "#3b528b", "#21918c", "#3a9e5f"],
};

export const dark: Theme = {
  paper: "#14171c",
  raised: "#1d2128",
  ink: "#e8eaed",
  muted: "#a3acb8",
  rule: "#343a44",
  accent: "#7db8f0",
  notice: "#372c10",
  "notice-ink": "#f5dfa8",
  band: "rgba(232, 234, 237, 0.16)",
  ball: "#ff9a66",
  edge: "rgba(232, 234, 237, 0.3)",
  series: ["#4a9be8", "#ff8433", "#35d0a5", "#efaedb", "#f2e05e", "#c14f8e"],
  ramp: ["#6a7fc4", "#3fa7b5", "#5ec962", "#fde725"],
};

function properties(theme: Theme): string {
  const single = Object.entries(theme)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string")
    .map(([name, colour]) => `--${name}: ${colour};`);
  const series = theme.series.map((colour, index) => `--series-${index}: ${colour};`);
  return [...single, ...series, `--ramp: ${theme.ramp.join(" ")};`].join(" ");
}

/**
 * The colours as CSS custom properties: dark where the system asks for it and nothing else was
 * chosen on the page (`data-theme` on the root), light on paper.
 */
export function themeStyle(): string {
  return [
    `:root { color-scheme: light; ${properties(light)} }`,
    `@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; ${properties(dark)} } }`,
    `:root[data-theme="dark"] { color-scheme: dark; ${properties(dark)} }`,
    `@media print { :root:root:root { color-scheme: light; ${properties(light)} } }`,
  ].join("\n");
}
