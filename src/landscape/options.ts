import { z } from "zod/mini";
import { parseCount } from "../common/text/parse.js";
import { formatRanges, parseRanges } from "../common/ranges.js";
import { choice, count, number, text, toggle, type Kind } from "../common/options/kinds.js";
import { cacheOptions } from "../storage/options.js";
import { flag, optional, required, withDefault } from "../common/options/options.js";

/** Where a landscape's first direction leads, but for those with a parameter. */
const ALONG = ["random", "random-points", "gradient", "path", "swap", "rescale"] as const;

/** Those with a parameter: `model:PATH`, `curvature:K` or `curvature:K@NAME`, `swap:LAYER:I:J`. */
const ALONG_WITH = /^(?:model:.|curvature:-?[1-9]\d{0,2}(?:@[^/\\]+)?$|swap:[1-9]\d*:\d+:\d+$)/s;

/**
 * Where a landscape's first direction leads. `random`: N(0,1) in every weight. `random-points`: from
 * one random point scale·N(0,1) to another. `gradient`: the gradient of the loss over the selected
 * batches. `path`: the leading principal component of the run's snapshots. `model:PATH`: to another
 * model of the same layers, in a run's folder or beside a `model.json`. `curvature:K`: the K-th least
 * eigenvalue's eigenvector that `vadi curvature` found, of `curvature:-K` the K-th largest's. `swap`: to the
 * same network with two hidden units exchanged, `swap:LAYER:I:J` or those with the highest barrier.
 * `rescale`: to the same network with the first layer multiplied by 4 and the next divided by it.
 */
export type Along =
  | (typeof ALONG)[number]
  | `model:${string}`
  | `curvature:${string}`
  | `swap:${string}`;

const along: Kind<Along> = {
  schema: z.custom<Along>(
    (value) =>
      typeof value === "string" && (ALONG.some((word) => word === value) || ALONG_WITH.test(value)),
  ),
  expected: `${ALONG.join(", ")}, model:PATH, curvature:K or swap:LAYER:I:J`,
  words: ALONG,
  parse: (given) => given,
  print: (value) => value,
};

/** The most points of a line or a plane. */
export const MOST_POINTS = 1_000_000;
/** The most batches that a range may name: their numbers are held. */
const LONGEST_RANGE = 10_000_000;
/** Weights beyond this could not be float32. */
const LARGEST_SCALE = 1e30;

/** Points of a line. */
const linePoints = count(1, MOST_POINTS);

/** Points of a line, `101`, or of a plane along both directions, `51x51`. */
const points: Kind<number | readonly [number, number]> = {
  get schema() {
    return z.union([
      linePoints.schema,
      z.readonly(z.tuple([linePoints.schema, linePoints.schema])),
    ]);
  },
  expected: `a whole number from 1 to ${MOST_POINTS}, or two, such as 51x51`,
  parse(given, option) {
    const [first = "", second, ...rest] = given.split("x");
    if (second === undefined) return parseCount(given, option);
    if (rest.length > 0) return given;
    return [parseCount(first, option), parseCount(second, option)];
  },
  print: (value) => (typeof value === "number" ? String(value) : value.join("x")),
};

/** The first batches, all of them, or those of a list. */
export type BatchSelection = number | "all" | readonly number[];

/** `5`, `all`, or `0,3,7` with ranges `0-99`; a list of one batch keeps its comma: `7,`. */
const batches: Kind<BatchSelection> = {
  // Which batches there are, `selectBatches` knows.
  get schema() {
    return z.union([z.number(), z.literal("all"), z.readonly(z.array(z.number()))]);
  },
  expected: "a number of batches, all, or a list such as 0,3,7 or 0-99",
  parse(given, option) {
    if (given === "all" || !/^\d/.test(given)) return given;
    if (!/[,-]/.test(given)) return parseCount(given, option);
    const ranges = parseRanges(given.replace(/,$/, ""));
    if (ranges === undefined || ranges.some(([first, last]) => last - first >= LONGEST_RANGE)) {
      return given;
    }
    return ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
  },
  print(value) {
    if (typeof value !== "object") return String(value);
    const ranges = formatRanges(value);
    return /^\d+$/.test(ranges) ? `${ranges},` : ranges;
  },
};

/** Which batches' curves a landscape keeps. */
const keep = optional(
  choice(["all", "summary"]),
  "all: keep every batch's curve; summary: only means and quantiles",
  "all, up to 5M losses",
  { printed: "given" },
);

const scaleNumber = number({ above: 0, most: LARGEST_SCALE });

/** A number, or `auto`: the distance at which the loss has risen tenfold. */
const scale: Kind<number | "auto"> = {
  schema: z.union([scaleNumber.schema, z.literal("auto")]),
  expected: `${scaleNumber.expected}, or auto`,
  parse: (given, option) => (given === "auto" ? given : scaleNumber.parse(given, option)),
  print: String,
};

/** The options of a line and its batches. */
export const lineOptions = {
  along: withDefault(
    along,
    "random",
    "random, gradient, path (of the training), model:PATH, curvature:K, swap, rescale, or random-points (between two)",
    { printed: "always" },
  ),
  points: withDefault(linePoints, 101, "Points of the line", { printed: "always" }),
  /**
   * α and β go from −scale to scale; the standard deviation of both points (random-points); how far beyond both models
   * (model, swap, rescale). `auto`: where the mean loss has risen tenfold, rounded to 1, 2 or 5 times a power of ten.
   */
  scale: withDefault(
    scale,
    1,
    "How far the line goes from the weights, to either side; auto: until the loss is tenfold",
    { printed: "always" },
  ),
  /** Whether the last points are visited; false gives start + i·(end − start)/points, i = 0 … points−1. */
  endpoint: withDefault(toggle, true, "Whether the line includes its last point"),
  /** How many batches from the first on, all, or these batches. */
  batches: optional(
    batches,
    "How many batches, all, or a list such as 0,3,7 or 0-99",
    "5, or all where there are fewer",
    { printed: "always" },
  ),
  batchSize: optional(count(1), "Rows per batch", "the run's", { printed: "always" }),
  /** Seed of the random directions. */
  seed: withDefault(count(), 42, "Seed of the direction", { printed: "always" }),
  /** The most worker threads; they take part where there is much to do. */
  workers: optional(count(1, 1024), "Worker threads", "one per core", {
    changes: "speed",
    printed: "given",
  }),
};

/** The options of a landscape. */
export const landscapeOptions = {
  /** Default: RUN/landscapes/NAME, where NAME holds along, scale and seed. */
  out: optional(text, "Folder to write the landscape to", "RUN/landscapes/NAME", {
    printed: "given",
  }),
  /** Default: where the run says it was, if the fingerprint still matches. */
  dataset: optional(text, "Folder of the dataset", "where the run says it was", {
    printed: "given",
  }),
  ...cacheOptions,
  ...lineOptions,
  /** Along `model`: reorder the other model's hidden units first so that they match the run's (weight matching). */
  align: withDefault(toggle, false, "Along model:PATH: match the other model's units first"),
  /** Two directions instead of one; the second is random, or along `path` its second principal component. */
  plane: withDefault(toggle, false, "Two directions instead of one: a surface"),
  /** Points of the line, or along both directions of a plane; a single number stands for both. */
  points: withDefault(points, 101, "Points of the line, or of both directions: 51x51", {
    printed: "always",
  }),
  /** `filter`: each unit's incoming weights in a direction get the norm that they have in the centre (Li et al. 2018). */
  normalize: withDefault(
    choice(["none", "filter"]),
    "none",
    "filter: scale each unit of a direction to its weights' norm",
  ),
  /**
   * Whether every batch's curve is kept (`all`, slices.parquet) or only the mean, variance and quantiles
   * at each point (`summary`).
   */
  keep,
  /** Continue a landscape that was interrupted. */
  resume: flag("Continue a landscape that was interrupted"),
  /** Replace an existing landscape, or start an interrupted one again. */
  force: flag("Replace an existing landscape"),
};

/** The options of a merge of landscapes. */
export const mergeOptions = {
  /** Folder of the merged landscape. */
  out: required(text, "Folder to write the merged landscape to"),
  keep,
  /** Replace an existing landscape. */
  force: flag("Replace an existing landscape"),
};
