import { z } from "zod/mini";
import { parseRanges } from "../common/ranges.js";
import { text } from "../common/options/kinds.js";
import { required, type GivenOptions, type Options } from "../common/options/options.js";
import { landscapeOptions } from "../landscape/options.js";
import { maximaOptions } from "../storage/options.js";
import { generateTaskOptions, landscapeTaskOptions } from "./options.js";

/*
 * A task as a JSON line, and the file that its result is published in.
 */

/** Options as a program gives them; another name is an error. */
export function givenSchema<const Table extends Options>(
  table: Table,
): z.ZodMiniType<GivenOptions<Table>> {
  const entries = Object.entries(table).map(([name, { kind, required: isRequired }]) => {
    const schema = z.custom((value) => kind.schema.safeParse(value).success, {
      error: `must be ${kind.expected}`,
    });
    return [name, isRequired === true ? schema : z.optional(schema)];
  });
  return z.strictObject(Object.fromEntries(entries)) as never;
}

const numbers = z
  .string()
  .check(
    z.refine((value) => parseRanges(value) !== undefined, "must be a range or a list, such as 0-9"),
  );
const count = z.number().check(z.int(), z.nonnegative(), z.lte(Number.MAX_SAFE_INTEGER));
const name = z.string().check(z.minLength(1));

const common = {
  /** The task's number, from 0, and how many the job has. */
  task: count,
  tasks: count.check(z.positive()),
  /** The folder for the results of the job's tasks. */
  parts: name,
  /** Tells attempts apart for a person who looks at their folders; vadi adds a random suffix. */
  attempt: z.exactOptional(
    z.string().check(z.regex(/^[\w.-]{1,40}$/, "must be letters, digits, dots and hyphens")),
  ),
};

const { rows, features, noise, seed, shardRows, firstMaximum } = maximaOptions;
const maximumOptions = { rows, features, noise, seed, shardRows };
const run = required(text, "Folder of the run");

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/, "must be a SHA-256"));
/** What tasks of a curvature have in common. */
const rowsOfCurvature = {
  run: name,
  dataset: name,
  batchSize: count.check(z.positive()),
  part: z.enum(["all", "gauss-newton", "residual"]),
  /** The hash of the run's weights. */
  model: hash,
};

/** One task. What the tasks of a job have in common is in `spec`. */
export const taskSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("first-maximum"),
    ...common,
    spec: givenSchema(maximumOptions),
    shards: numbers,
  }),
  z.strictObject({
    kind: z.literal("second-maximum"),
    ...common,
    spec: givenSchema({
      ...maximumOptions,
      firstMaximum: required(firstMaximum.kind, firstMaximum.help),
    }),
    shards: numbers,
  }),
  z.strictObject({
    kind: z.literal("generate"),
    ...common,
    spec: givenSchema(generateTaskOptions),
    maxima: z.exactOptional(z.tuple([z.number(), z.number()])),
    shards: numbers,
  }),
  z.strictObject({
    kind: z.literal("verify"),
    ...common,
    spec: z.strictObject({ dataset: name }),
    shards: numbers,
  }),
  z.strictObject({
    kind: z.literal("landscape"),
    ...common,
    spec: givenSchema({ run, ...landscapeTaskOptions }),
    batches: numbers,
  }),
  z.strictObject({
    kind: z.literal("evaluate"),
    ...common,
    spec: givenSchema({
      run,
      dataset: required(text, "Folder of the dataset"),
      batchSize: required(landscapeOptions.batchSize.kind, landscapeOptions.batchSize.help),
    }),
    batches: numbers,
  }),
  z.strictObject({
    kind: z.literal("products"),
    ...common,
    spec: z.strictObject({
      ...rowsOfCurvature,
      batches: numbers,
      // The vectors lie beside the results, in a file of this hash.
      vectors: hash,
      size: count.check(z.positive()),
    }),
    groups: numbers,
  }),
  z.strictObject({
    kind: z.literal("kinks"),
    ...common,
    spec: z.strictObject({
      ...rowsOfCurvature,
      batches: numbers,
      radius: z.number().check(z.positive()),
      // As of products.
      vectors: hash,
      size: count.check(z.positive()),
    }),
    groups: numbers,
  }),
  z.strictObject({
    kind: z.literal("batch-eigenvalues"),
    ...common,
    spec: z.strictObject({
      ...rowsOfCurvature,
      seed: count,
      tolerance: z.number().check(z.positive()),
      products: count.check(z.positive()),
      memory: count.check(z.positive()),
    }),
    batches: numbers,
  }),
]);

/** The file of a finished task. */
export const resultSchema = z.strictObject({
  formatVersion: z.literal(1),
  /** The version of vadi that did the work. */
  version: z.string(),
  task: taskSchema,
  /** The attempt's folder within `parts`, for those that write files. */
  folder: z.exactOptional(z.string().check(z.regex(/^[a-z][\w.-]*$/))),
  rows: count,
  seconds: z.number(),
  /** What was found, by the kind of the task. */
  found: z.record(z.string(), z.unknown()),
  /** Numbers of each batch or group of rows, in their order. The task's line of output leaves them out. */
  perBatch: z.exactOptional(z.array(z.array(z.number()))),
});
