import path from "node:path";
import type { Certificate, CertificateRecord, FallingKink } from "../../../curvature/index.js";
import type { LossProfile } from "../../../curvature/index.js";
import type { Language, Texts } from "../../../language/index.js";
import type { Axis, FactTable, LineFigure, ReportSection, Shade } from "../../figures/figure.js";
import { lossName } from "../../figures/loss-names.js";

/** Kinks that are drawn, and that are listed. */
const TICKS = 300;
const LISTED = 10;
/** Shaded ranges nearer to each other than this fraction of the line are drawn as one. */
const GAP = 1 / 1000;
/** The most shaded ranges of a figure. */
const MOST_SHADES = 200;

/** A certificate as two sections: the slice with what is proved of it, and its settings. */
export async function sectionsOfCertificate(
  language: Language,
  made: Certificate,
): Promise<ReportSection[]> {
  const { record, dir } = made;
  const { certificate } = language.texts;
  const profile = await made.profile();
  const { counts, figures } = figuresOf(language, record, profile);
  const data = [
    { file: path.join(dir, "intervals.parquet"), what: certificate.intervalsFile },
    { file: path.join(dir, "kinks.parquet"), what: certificate.kinksFile },
    { file: path.join(dir, "profile.parquet"), what: certificate.profileFile },
  ];
  return [
    {
      id: "certificate",
      title: claimOf(language, record),
      name: certificate.name(record.along),
      text: certificate.text(language.number(record.rows)),
      blocks: [
        ...figures.map((figure) => ({ ...figure, data })),
        verdictTable(language, record),
        ...(counts > 0 ? [kinkTable(language, record.kinks)] : []),
      ],
    },
    settingsOf(language, record),
  ];
}

/** The title of the horizontal axis. */
function axisOf({ landscape, certificate }: Texts, along: string): string {
  const [kind = ""] = along.split(":");
  const axes: Readonly<Record<string, string>> = landscape.axes;
  return axes[kind === "random-points" ? "points" : kind] ?? certificate.axis(along);
}

/** What is proved, in a sentence. */
function claimOf({ texts, percent, number }: Language, record: CertificateRecord): string {
  const { convex, lengths, kinkCounts, from, to } = record;
  if (convex === true) return texts.certificate.convex;
  if (convex === null) return texts.certificate.undecided;
  return texts.certificate.notConvex(
    lengths.negative > 0 ? percent(lengths.negative / (to - from)) : undefined,
    kinkCounts.falling > 0 ? number(kinkCounts.falling) : undefined,
  );
}

/** The slice, its second derivative, and that near 0. */
function figuresOf(
  { texts, number }: Language,
  record: CertificateRecord,
  profile: LossProfile,
): { counts: number; figures: LineFigure[] } {
  const { certificate } = texts;
  const x: Axis = {
    title: axisOf(texts, record.along),
    symbol: "α",
    range: [record.from, record.to],
  };
  const shades = shadesOf(record, {
    negative: certificate.negative,
    undecided: certificate.undecidedRange,
  });
  const ticks = record.kinks.slice(0, TICKS).toSorted((one, other) => one.alpha - other.alpha);
  const name =
    ticks.length < record.kinkCounts.falling
      ? certificate.largestKinks(number(ticks.length))
      : certificate.kinks;
  const kinkSeries: LineFigure["series"] =
    ticks.length === 0
      ? []
      : [
          {
            name,
            role: "ticks",
            x: ticks.map(({ alpha }) => alpha),
            y: ticks.map(({ alpha }) => valueAt(profile.alpha, profile.loss, alpha)),
          },
        ];
  const isPlain = kinkSeries.length === 0 && shades.shades === undefined;
  const slice: LineFigure = {
    kind: "lines",
    id: "certified-slice",
    title: certificate.sliceTitle(number(record.rows)),
    caption: isPlain ? certificate.plainCaption : certificate.sliceCaption,
    x,
    y: {
      title: `${certificate.loss} (${lossName(texts, record.standardized)})`,
      symbol: certificate.loss,
    },
    series: [{ name: certificate.meanLoss, x: profile.alpha, y: profile.loss }, ...kinkSeries],
    ...shades,
  };
  const second: LineFigure = {
    kind: "lines",
    id: "certified-second",
    title: certificate.secondTitle,
    caption: certificate.secondCaption,
    x,
    y: { title: certificate.secondAxis, symbol: "L″" },
    series: [
      { name: certificate.second, x: profile.alpha, y: profile.secondDerivative },
      { name: certificate.zero, role: "reference", x: [record.from, record.to], y: [0, 0] },
    ],
    ...shades,
  };
  const close = closeUp(record, profile);
  if (close === undefined) return { counts: ticks.length, figures: [slice, second] };
  const near: LineFigure = {
    ...second,
    id: "certified-second-near",
    title: certificate.nearTitle,
    caption: certificate.nearCaption,
    x: { ...x, range: close.x },
    y: { ...second.y, range: close.y },
    beside: true,
  };
  return { counts: ticks.length, figures: [slice, second, near] };
}

/** The ranges of the figure in which the negative second derivative can be seen, if the whole figure hides it. */
function closeUp(
  { intervals, least, from, to }: CertificateRecord,
  { secondDerivative }: LossProfile,
): { x: [number, number]; y: [number, number] } | undefined {
  const highest = secondDerivative.reduce((most, value) => Math.max(most, value), 0);
  if (least.verdict !== "negative" || highest < 20 * -least.least) return undefined;
  const negative = intervals.filter(({ verdict }) => verdict === "negative");
  const start = negative.reduce((low, one) => Math.min(low, one.from), to);
  const end = negative.reduce((high, one) => Math.max(high, one.to), from);
  const margin = Math.max((end - start) / 2, (to - from) / 500);
  return {
    x: [Math.max(from, start - margin), Math.min(to, end + margin)],
    y: [1.5 * least.least, -5 * least.least],
  };
}

/** The value between two points of a profile. */
function valueAt(alphas: Float64Array, values: Float64Array, alpha: number): number {
  const last = alphas.length - 1;
  const place = ((alpha - alphas[0]!) / (alphas[last]! - alphas[0]!)) * last;
  const before = Math.min(last - 1, Math.max(0, Math.floor(place)));
  const part = place - before;
  return values[before]! * (1 - part) + values[before + 1]! * part;
}

function shadesOf(
  { intervals, from, to }: CertificateRecord,
  names: { negative: string; undecided: string },
): Pick<LineFigure, "shades"> {
  const gap = GAP * (to - from);
  const shades = (["negative", "undecided"] as const).flatMap((verdict): Shade[] => {
    const ranges: Shade["ranges"] = [];
    for (const interval of intervals) {
      if (interval.verdict !== verdict) continue;
      const last = ranges.at(-1);
      if (last !== undefined && interval.from - last[1] < gap) last[1] = interval.to;
      else ranges.push([interval.from, interval.to]);
    }
    // Slivers in which rounding hides a kink cannot be seen.
    const seen = ranges.filter(([start, end]) => verdict === "negative" || end - start > gap / 10);
    return seen.length === 0
      ? []
      : [
          {
            name: names[verdict],
            ranges: seen
              .toSorted((one, other) => other[1] - other[0] - (one[1] - one[0]))
              .slice(0, MOST_SHADES),
          },
        ];
  });
  return shades.length === 0 ? {} : { shades };
}

function verdictTable(language: Language, record: CertificateRecord): FactTable {
  const { number, texts } = language;
  const { certificate } = texts;
  const { lengths, least, kinkCounts, from, to } = record;
  const length = (verdict: keyof typeof lengths): string =>
    certificate.ofLength(number(lengths[verdict], 4), number(to - from, 4));
  return {
    kind: "table",
    id: "certificate-verdict",
    title: certificate.verdictTitle,
    columns: ["", certificate.value],
    rows: [
      [certificate.rows, record.rows],
      [certificate.convexLength, length("convex")],
      [certificate.negativeLength, length("negative")],
      [certificate.undecidedLength, length("undecided")],
      [certificate.least, `${number(least.least)} ± ${number(least.bound, 2)}`],
      [certificate.leastAt, `${number(least.from)} … ${number(least.to)}`],
      [certificate.falling, kinkCounts.falling],
      [certificate.rising, kinkCounts.rising],
      [certificate.undecidedKinks, kinkCounts.undecided],
    ],
  };
}

function kinkTable({ number, texts }: Language, kinks: readonly FallingKink[]): FactTable {
  const { certificate } = texts;
  return {
    kind: "table",
    id: "certificate-kinks",
    title: certificate.kinkTitle,
    columns: ["α", certificate.slopeChange, certificate.row, certificate.layer, certificate.unit],
    rows: kinks
      .slice(0, LISTED)
      .map(({ alpha, slopeChange, bound, row, layer, unit }) => [
        number(alpha),
        `${number(slopeChange, 4)} ± ${number(bound, 2)}`,
        row,
        layer,
        unit,
      ]),
  };
}

function settingsOf({ texts, number }: Language, record: CertificateRecord): ReportSection {
  const { certificate } = texts;
  const { along, parameter, scale, from, to, normalize, seed, batches, batchSize } = record;
  return {
    id: "certificate-settings",
    title: certificate.settings,
    blocks: [
      {
        kind: "table",
        id: "certificate-settings-table",
        title: certificate.settings,
        columns: [certificate.setting, certificate.value],
        rows: [
          [certificate.along, parameter === undefined ? along : `${along}:${parameter}`],
          ["α", `${number(from)} … ${number(to)}`],
          [certificate.scale, scale],
          [certificate.normalize, normalize],
          [certificate.seed, String(seed)],
          [certificate.batches, batches.length],
          [certificate.batchSize, batchSize],
          [certificate.run, { path: record.run }],
          [certificate.dataset, { path: record.dataset.path }],
        ],
      },
    ],
    command: record.command,
  };
}
