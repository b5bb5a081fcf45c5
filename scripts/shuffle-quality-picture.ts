import type { ShuffleMode } from "../src/stream/index.js";
/** What is found of a shuffle. */
export interface Quality {
  shuffle: ShuffleMode;
  /** How far rows are from their place in the file, as a share of all rows: the mean. A perfect shuffle: 1/3. */
  distance: number;
  /** Cumulative distances: the share of rows that travel at most 0 %, 5 %, … 100 % of the way. */
  travelled: number[];
  /** Variance of the batches' mean row numbers over that of a perfect shuffle: 1 is perfect. */
  batchVariance: number;
  /** Loss above the noise's, as a share of it, after each epoch of SGD over rows sorted by their target. */
  excess: number[];
  /** Epochs until that is below 0.2 % and stays there; undefined where it never is. */
  epochs: number | undefined;
}

const WIDTH = 960;
const HEIGHT = 330;
const PANEL = { width: 250, height: 210, top: 60 } as const;
const COLOURS: Readonly<Record<Quality["shuffle"], string>> = {
  none: "#8a8a8a",
  shards: "#d9822b",
  window: "#2b78b5",
  buffer: "#8e44ad",
  global: "#1d8a4e",
};
const DASHES: Readonly<Record<Quality["shuffle"], string>> = {
  none: "2 3",
  shards: "8 3",
  window: "none",
  buffer: "10 2 2 2",
  global: "4 4",
};

interface Axis {
  title: string;
  least: number;
  most: number;
  ticks: readonly [number, string][];
}

function text(x: number, y: number, content: string, anchor = "middle", more = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${more}>${content}</text>`;
}

/** A frame with its title, axes and what is drawn in it. */
function panel(
  left: number,
  title: string,
  xAxis: Axis,
  yAxis: Axis,
  draw: (place: (x: number, y: number) => [number, number]) => string[],
): string {
  const { width, height, top } = PANEL;
  const place = (x: number, y: number): [number, number] => [
    left + ((x - xAxis.least) / (xAxis.most - xAxis.least)) * width,
    top + height - ((y - yAxis.least) / (yAxis.most - yAxis.least)) * height,
  ];
  const parts = [
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#bbb"/>`,
    text(left + width / 2, top - 12, title, "middle", 'font-weight="bold"'),
    text(left + width / 2, top + height + 36, xAxis.title),
    ...xAxis.ticks.map(([value, label]) =>
      text(place(value, yAxis.least)[0], top + height + 18, label),
    ),
    ...yAxis.ticks.flatMap(([value, label]) => {
      const [, y] = place(xAxis.least, value);
      return [
        `<line x1="${left}" x2="${left + width}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#eee"/>`,
        text(left - 6, y + 4, label, "end"),
      ];
    }),
    ...draw(place),
  ];
  return parts.join("\n");
}

function line(points: readonly (readonly [number, number])[], shuffle: Quality["shuffle"]): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${COLOURS[shuffle]}" stroke-width="2" stroke-dasharray="${DASHES[shuffle]}"/>`;
}

function powers(from: number, to: number): [number, string][] {
  return Array.from({ length: to - from + 1 }, (_, at) => [
    from + at,
    `10${superscript(from + at)}`,
  ]);
}

/** An SVG of three panels: how far rows travel, how much batch means vary, and the loss of SGD. */
export function drawQuality(found: readonly Quality[], steps: number): string {
  const percent: [number, string][] = [0, 0.5, 1].map((share) => [share, `${100 * share} %`]);
  const epochs = (found[0]?.excess.length ?? 1) - 1;
  const travelled = panel(
    60,
    "How far rows travel",
    { title: "of the file's length", least: 0, most: 1, ticks: percent },
    { title: "", least: 0, most: 1, ticks: percent },
    (place) =>
      found.map(({ shuffle, travelled: shares }) =>
        line(
          shares.map((share, at) => place(at / steps, share)),
          shuffle,
        ),
      ),
  );
  const variance = panel(
    380,
    "Variance of batch means, exact = 1",
    { title: "", least: 0, most: found.length, ticks: [] },
    { title: "", least: -1, most: 4, ticks: powers(-1, 4) },
    (place) =>
      found.flatMap(({ shuffle, batchVariance }, at) => {
        const [x, y] = place(at + 0.2, Math.min(4, Math.max(-1, Math.log10(batchVariance))));
        const [end, bottom] = place(at + 0.8, -1);
        const middle = (x + end) / 2;
        return [
          `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(end - x).toFixed(1)}" height="${Math.max(0, bottom - y).toFixed(1)}" fill="${COLOURS[shuffle]}"/>`,
          text(middle, y - 5, batchVariance.toPrecision(3)),
          text(middle, bottom + 18, shuffle),
        ];
      }),
  );
  const losses = panel(
    700,
    "Excess loss of SGD, sorted by y",
    {
      title: "epochs",
      least: 0,
      most: epochs,
      ticks: [0, epochs / 2, epochs].map((at) => [at, String(at)]),
    },
    { title: "", least: -3.5, most: 1.5, ticks: powers(-3, 1) },
    (place) =>
      found.map(({ shuffle, excess: values }) =>
        line(
          values.map((value, at) =>
            place(at, Math.max(-3.5, Math.min(1.5, Math.log10(Math.max(value, 1e-9))))),
          ),
          shuffle,
        ),
      ),
  );
  const legend = found.map(({ shuffle }, at) => {
    const x = 300 + at * 110;
    return `${line(
      [
        [x, 20],
        [x + 28, 20],
      ],
      shuffle,
    )}${text(x + 34, 24, shuffle, "start")}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">
<title>Shuffle quality of each mode</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...legend, travelled, variance, losses].join("\n")}
</svg>
`;
}

function superscript(power: number): string {
  return [...String(power)]
    .map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]))
    .join("");
}
