import path from "node:path";
import { z } from "zod/mini";
import { LANGUAGE_CODES, type LanguageCode } from "../../language/index.js";
import { writeFileAtomic } from "../../files/atomic.js";
import { readJson } from "../../files/read-json.js";
import type { Band, Cell, Figure, ReportSection, Scrubber, Series } from "../figures/figure.js";
import type { Lesson } from "../figures/lesson.js";

/** The name of the document in an experiment's folder. */
export const experimentFile = "experiment.json";

/** experiment.json: the sections of an experiment's report. */
export interface ExperimentDocument {
  formatVersion: 1;
  /** The experiment's name, as on the command line. */
  name: string;
  title: string;
  /** The language of its texts. Default English. */
  language?: LanguageCode;
  /** What makes its report a lesson. */
  lesson?: Lesson;
  sections: ReportSection[];
}

const id = z
  .string()
  .check(z.regex(/^[a-z0-9-]+$/, "must be lower-case letters, digits and hyphens"));
/** JSON has no NaN and no infinities: they are written as null. */
const numbers = z.array(
  z.pipe(
    z.nullable(z.number()),
    z.transform((value) => value ?? NaN),
  ),
);
const axis = z.strictObject({
  title: z.string(),
  symbol: z.optional(z.string()),
  scale: z.optional(z.enum(["linear", "log"])),
  range: z.optional(z.tuple([z.number(), z.number()])),
});
const series = z.strictObject({
  name: z.string(),
  x: numbers,
  y: numbers,
  role: z.optional(z.enum(["line", "batch", "mean", "reference", "points", "cloud", "ticks"])),
  lowest: z.optional(z.boolean()),
});
const figureHead = {
  id,
  title: z.string(),
  caption: z.string(),
  beside: z.optional(z.boolean()),
  small: z.optional(z.boolean()),
  data: z.optional(z.array(z.strictObject({ file: z.string(), what: z.string() }))),
};
const lines = z.strictObject({
  kind: z.literal("lines"),
  ...figureHead,
  x: axis,
  y: axis,
  series: z.array(series),
  bands: z.optional(
    z.array(z.strictObject({ name: z.string(), x: numbers, low: numbers, high: numbers })),
  ),
  span: z.optional(z.strictObject({ name: z.string(), from: z.number(), to: z.number() })),
  shades: z.optional(
    z.array(
      z.strictObject({ name: z.string(), ranges: z.array(z.tuple([z.number(), z.number()])) }),
    ),
  ),
  ball: z.optional(z.strictObject({ x: numbers, y: numbers })),
  frames: z.optional(z.array(numbers)),
  probe: z.optional(z.strictObject({ norm: z.number().check(z.positive()) })),
});
const pair = z.tuple([z.number(), z.number()]);
const surface = z.strictObject({
  kind: z.literal("surface"),
  ...figureHead,
  view: z.optional(z.enum(["3d", "map"])),
  x: axis,
  y: axis,
  z: axis,
  xs: numbers,
  ys: numbers,
  zs: z.array(numbers),
  marks: z.optional(
    z.array(
      z.strictObject({
        name: z.string(),
        x: numbers,
        y: numbers,
        z: numbers,
        role: z.optional(z.enum(["points", "path"])),
        labels: z.optional(z.array(z.string())),
      }),
    ),
  ),
  cut: z.optional(z.strictObject({ name: z.string(), x: pair, y: pair })),
  ball: z.optional(z.strictObject({ x: numbers, y: numbers, z: numbers })),
});
const table = z.strictObject({
  kind: z.literal("table"),
  id,
  title: z.string(),
  caption: z.optional(z.string()),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.strictObject({ path: z.string() })]))),
  sortable: z.optional(z.boolean()),
  data: figureHead.data,
});
const section = z.strictObject({
  id,
  title: z.string(),
  name: z.optional(z.string()),
  text: z.optional(z.string()),
  notice: z.optional(z.string()),
  part: z.optional(z.string()),
  command: z.optional(z.string()),
  open: z.optional(z.boolean()),
  scrubber: z.optional(
    z.strictObject({
      steps: z.array(z.number()).check(z.minLength(1)),
      readouts: z.array(z.strictObject({ name: z.string(), values: numbers })),
    }),
  ),
  blocks: z.array(z.discriminatedUnion("kind", [lines, surface, table])),
});

const neighbour = z.strictObject({ name: id, title: z.string() });
const lessonSchema = z.strictObject({
  number: z.number(),
  count: z.number(),
  question: z.string(),
  method: z.string(),
  formula: z.string(),
  look: z.string(),
  numbers: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  tries: z.array(z.strictObject({ command: z.string(), text: z.string() })),
  previous: z.optional(neighbour),
  next: z.optional(neighbour),
  // A course has its lessons beside each other.
  course: z.optional(z.literal("..")),
});

/** The schema of experiment.json. Non-finite numbers are null in the file and NaN after reading. */
export const experimentSchema: z.ZodMiniType<ExperimentDocument> = z.pipe(
  z.strictObject({
    formatVersion: z.literal(1),
    name: z.string(),
    title: z.string(),
    language: z.optional(z.enum(LANGUAGE_CODES)),
    lesson: z.optional(lessonSchema),
    sections: z.array(section),
  }),
  z.transform((document) => document as ExperimentDocument),
);

function plainNumbers(values: ArrayLike<number>): number[] {
  return Array.from(values);
}

function plainSeries(one: Series): Series {
  return { ...one, x: plainNumbers(one.x), y: plainNumbers(one.y) };
}

function plainBand(band: Band): Band {
  return {
    ...band,
    x: plainNumbers(band.x),
    low: plainNumbers(band.low),
    high: plainNumbers(band.high),
  };
}

function plainCell(dir: string, value: Cell): Cell {
  if (typeof value === "object") return { path: relativeTo(dir, value.path) };
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** A block with plain arrays, since JSON would turn typed arrays into objects, and with relative links. */
function plainBlock(
  dir: string,
  block: ReportSection["blocks"][number],
): ReportSection["blocks"][number] {
  const plain =
    block.kind === "table"
      ? { ...block, rows: block.rows.map((row) => row.map((cell) => plainCell(dir, cell))) }
      : plainFigure(block);
  const links = (block.data ?? []).map(({ file, what }) => ({
    file: relativeTo(dir, file),
    what,
  }));
  return { ...plain, ...(block.data && { data: links }) };
}

function relativeTo(dir: string, file: string): string {
  return path.relative(dir, file).split(path.sep).join("/");
}

/** Makes paths absolute, and removes links that lead out of the experiment's folder. */
function withAbsoluteLinks(dir: string, one: ReportSection): ReportSection {
  const blocks = one.blocks.map((given) => {
    const block =
      given.kind === "table" ? { ...given, rows: absoluteCells(dir, given.rows) } : given;
    if (block.data === undefined) return block;
    const data = block.data
      .map(({ file, what }) => ({ file: path.resolve(dir, file), what }))
      .filter(({ file }) => file.startsWith(dir + path.sep));
    return { ...block, data };
  });
  return { ...one, blocks };
}

function absoluteCells(dir: string, rows: readonly Cell[][]): Cell[][] {
  return rows.map((row) =>
    row.map((cell) => (typeof cell === "object" ? { path: path.resolve(dir, cell.path) } : cell)),
  );
}

function plainFigure(figure: Figure): Figure {
  if (figure.kind === "lines") {
    return {
      ...figure,
      series: figure.series.map(plainSeries),
      ...(figure.bands && { bands: figure.bands.map(plainBand) }),
      ...(figure.ball && {
        ball: { x: plainNumbers(figure.ball.x), y: plainNumbers(figure.ball.y) },
      }),
      ...(figure.frames && { frames: figure.frames.map(plainNumbers) }),
    };
  }
  return {
    ...figure,
    xs: plainNumbers(figure.xs),
    ys: plainNumbers(figure.ys),
    zs: figure.zs.map(plainNumbers),
    ...(figure.marks && {
      marks: figure.marks.map((mark) => ({
        ...mark,
        x: plainNumbers(mark.x),
        y: plainNumbers(mark.y),
        z: plainNumbers(mark.z),
      })),
    }),
    ...(figure.ball && {
      ball: {
        x: plainNumbers(figure.ball.x),
        y: plainNumbers(figure.ball.y),
        z: plainNumbers(figure.ball.z),
      },
    }),
  };
}

function plainScrubber({ steps, readouts }: Scrubber): Scrubber {
  return {
    steps,
    readouts: readouts.map(({ name, values }) => ({ name, values: plainNumbers(values) })),
  };
}

/** A lesson whose course is the folder above. */
function localLesson(lesson: Lesson): Lesson {
  return { ...lesson, ...(lesson.course !== undefined && { course: ".." }) };
}

/** Writes experiment.json into an existing folder, atomically. */
export async function writeExperimentDocument(
  dir: string,
  document: ExperimentDocument,
): Promise<void> {
  const sections = document.sections.map((one) => ({
    ...one,
    ...(one.scrubber && { scrubber: plainScrubber(one.scrubber) }),
    blocks: one.blocks.map((block) => plainBlock(path.resolve(dir), block)),
  }));
  const own = document.lesson && { lesson: localLesson(document.lesson) };
  await writeFileAtomic(
    path.join(dir, experimentFile),
    `${JSON.stringify({ ...document, ...own, sections })}\n`,
  );
}

/** Reads experiment.json from a folder. Throws a failure that names the first invalid field. */
export async function readExperimentDocument(dir: string): Promise<ExperimentDocument> {
  const folder = path.resolve(dir);
  const document = await readJson(
    path.join(folder, experimentFile),
    experimentSchema,
    "an experiment's document",
  );
  const { lesson } = document;
  return {
    ...document,
    ...(lesson?.course !== undefined && { lesson: { ...lesson, course: path.dirname(folder) } }),
    sections: document.sections.map((one) => withAbsoluteLinks(folder, one)),
  };
}
