import type { Language, Texts } from "../../language/index.js";
import type { LandscapeRecord } from "../../landscape/index.js";

/** Whether a plane is over the factors of two layers: they are 1 + α and 1 + β. */
export function isOverFactors({ kind, along }: LandscapeRecord): boolean {
  return kind === "plane" && along === "rescale";
}

/** What a report says of a line. */
export interface LineText {
  title: string;
  /** The title of the horizontal axis. */
  axis: string;
  /** What α = 0 and the line are. */
  text: string;
  /** What to look for, in a sentence. */
  look: string;
}

/** The texts of each kind of direction. */
export function textOf(texts: Texts, record: LandscapeRecord): LineText {
  const lines = texts.landscape.lines;
  const axes = texts.landscape.axes;
  const about = texts.landscape.about;
  const look = texts.landscape.look;
  const isFiltered = record.normalize === "filter";
  switch (record.along) {
    case "random-points":
      return {
        title: lines.points,
        axis: axes.points,
        text: about.points(record.scale),
        look: look.points,
      };
    case "model":
      return { title: lines.model, axis: axes.model, text: about.model(), look: look.model };
    case "swap": {
      const [layer = "", ...units] = (record.parameter ?? "").split(":");
      return {
        title: lines.swap,
        axis: axes.swap,
        text: about.swap(layer, units),
        look: look.swap,
      };
    }
    case "rescale":
      return {
        title: lines.rescale,
        axis: axes.rescale,
        text: about.rescale(),
        look: look.rescale,
      };
    case "curvature": {
      const k = Number.parseInt(record.parameter ?? "1", 10);
      return {
        title: lines.curvature(k),
        axis: axes.curvature,
        text: about.curvature(k),
        look: k > 0 ? look.least : look.largest,
      };
    }
    case "gradient":
      return {
        title: lines.gradient,
        axis: axes.gradient,
        text: about.gradient(isFiltered),
        look: look.gradient,
      };
    case "path":
      return { title: lines.path, axis: axes.path, text: about.path(), look: look.path };
    default:
      return {
        title: lines.random,
        axis: axes.random,
        text: about.random(isFiltered),
        look: look.random,
      };
  }
}

/** `Loss landscape along a random direction` */
export function titleOfLandscape(texts: Texts, record: LandscapeRecord): string {
  if (record.kind === "line") return texts.landscape.lineTitle(textOf(texts, record).title);
  if (isOverFactors(record)) return texts.landscape.surfaceOverFactors;
  return record.along === "path"
    ? texts.landscape.surfaceAroundPath
    : texts.landscape.surfaceOverDirections;
}

/** The rows of each batch: `1 000`, or `at most 1 000` if the last batch is smaller. */
export function rowsOfBatches(
  { texts, number }: Language,
  { batches, batchSize, rows }: LandscapeRecord,
): string {
  if (rows === batches.length * batchSize) return number(batchSize);
  return batches.length === 1 ? number(rows) : texts.landscape.atMost(batchSize);
}
