import type { ReportSection } from "../../src/report/index.js";

/** A name that tries to become markup, a template and an entity. */
export const hostile =
  '</script><img src=x onerror=alert(1)>"\'&lt;b&gt;%{x}<b>bold</b><a href="http://127.0.0.1/">a</a>$x^2$\u2028';

/** Sections with every kind of block: long and broken series, bands, many batches, a surface. */
export function exampleSections(): ReportSection[] {
  const alphas = Array.from({ length: 21 }, (_, index) => (index - 10) / 10);
  const bowl = (batch: number): number[] => alphas.map((alpha) => (alpha - batch / 50) ** 2 + 0.01);
  const steps = Array.from({ length: 20_000 }, (_, index) => index + 1);
  const loss = Float64Array.from(steps, (step) => 9 * Math.exp(-step / 2000) + 0.01);
  loss[100] = NaN;
  loss[5000] = Infinity;
  const grid = Array.from({ length: 11 }, (_, index) => index - 5);
  const alphaAxis = {
    title: "α, distance from the trained weights along the direction",
    symbol: "α",
  };
  return [
    {
      id: "training",
      title: "Training",
      text: "How the loss fell.",
      notice: "Shortened.",
      command: "vadi train data --out run",
      blocks: [
        {
          kind: "lines",
          id: "curve",
          title: "Loss against step",
          caption: "Look for how fast it falls.",
          x: { title: "step" },
          y: { title: "loss (mean squared error)", scale: "log" },
          series: [
            { name: "loss", x: steps, y: loss },
            { name: "floor", role: "reference", x: [1, 20_000], y: [0.01, 0.01] },
          ],
        },
        {
          kind: "table",
          id: "weights",
          title: "Weights",
          columns: ["feature", "true", "trained", "difference", "another", "and one more"],
          rows: [
            ["x0", 1.5, 1.500001, 1e-6, 123_456_789, "text"],
            ["x1", NaN, -2, 0, 0, "text"],
          ],
        },
      ],
    },
    {
      id: "landscape",
      title: "Landscape",
      blocks: [
        {
          kind: "lines",
          id: "slices",
          title: "Five batches",
          caption: "Look at the bottom.",
          x: alphaAxis,
          y: { title: "loss (mean squared error)" },
          series: [
            ...[0, 1, 2, 3, 4].map((batch) => ({
              name: `batch ${batch}`,
              role: "batch" as const,
              lowest: true,
              x: alphas,
              y: bowl(batch),
            })),
            { name: "mean", role: "mean", x: alphas, y: bowl(2) },
          ],
          bands: [{ name: "5 % to 95 %", x: alphas, low: bowl(0), high: bowl(4) }],
        },
        {
          kind: "lines",
          id: "many",
          title: "A hundred batches",
          caption: "Look at the colours.",
          x: alphaAxis,
          y: { title: "loss" },
          series: Array.from({ length: 100 }, (_, batch) => ({
            name: `batch ${batch}`,
            role: "batch" as const,
            x: alphas,
            y: bowl(batch),
          })),
        },
      ],
    },
    {
      id: "paraboloid",
      title: "Paraboloid",
      blocks: [
        {
          kind: "surface",
          id: "surface",
          title: "z = x² + y²",
          caption: "Look for the cut.",
          x: { title: "x" },
          y: { title: "y" },
          z: { title: "z = x² + y²", symbol: "z" },
          xs: grid,
          ys: grid,
          zs: grid.map((y) => Float64Array.from(grid, (x) => x * x + y * y)),
          marks: [{ name: "cut", x: grid, y: grid.map((x) => -x), z: grid.map((x) => 2 * x * x) }],
        },
      ],
    },
    {
      id: "facts",
      title: "Facts",
      blocks: [
        {
          kind: "table",
          id: "facts-table",
          title: "Facts",
          columns: ["fact", "value"],
          rows: [
            ["fingerprint", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
          ],
        },
      ],
    },
  ];
}
