import { z } from "zod";
import { shellWord } from "../../common/command-line.js";
import { optionWords, pickOptions } from "../../common/options/options.js";
import { recordedSchema } from "../../common/options/recorded.js";
import { originSchema } from "../../stream/index.js";
import { runOptions, trainingOptions } from "../options.js";
import type { TrainingSettings } from "../resolve-options.js";
import type { RunRecord, TrainOptions } from "../types.js";

/** The file that makes a folder a run. */
export const RECORD_FILE = "run.json";

const count = z.number().int().nonnegative();
const width = z.number().int().positive();

const scaling = z.object({ name: z.string(), mean: z.number(), scale: z.number() });

/** Checks the form of a run.json. */
export const runRecordSchema: z.ZodType<RunRecord> = z.object({
  formatVersion: z.literal(1),
  status: z.enum(["running", "done", "stopped", "diverged"]),
  options: recordedSchema(trainingOptions).extend({ stepSize: width, logEvery: width }),
  layers: z.array(width).min(2),
  parameters: width,
  dataset: z.object({
    path: z.string(),
    fingerprint: z.string(),
    origin: originSchema.exactOptional(),
    kind: z.string(),
    rows: width,
    features: width,
  }),
  backend: z.string(),
  engine: z.string().default("tensor"),
  standardize: z
    .object({ features: z.array(scaling), target: scaling.nullable() })
    .nullable()
    .default(null),
  threads: width,
  versions: z.object({ vadi: z.string(), tfjs: z.string(), node: z.string() }),
  command: z.string(),
  warnings: z.array(z.string()).exactOptional(),
  result: z
    .object({
      steps: count,
      epochs: count,
      rows: count,
      loss: z.number().nullable(),
      seconds: z.number(),
      rowsPerSecond: z.number(),
      waitedForData: z.number(),
      weights: z.array(z.number()).exactOptional(),
      bias: z.number().exactOptional(),
      validation: z
        .object({
          losses: z.array(z.number()),
          loss: z.number(),
          epoch: count,
          rows: count,
          stoppedEarly: z.boolean(),
        })
        .exactOptional(),
      folding: z.object({ largest: z.number(), spread: z.number(), rows: count }).exactOptional(),
    })
    .nullable(),
});

/** The command line that makes the same run again. */
export function trainCommandLine(
  record: Pick<RunRecord, "options" | "dataset" | "backend">,
  out: string,
  given: TrainOptions,
): string {
  const { options, dataset, backend } = record;
  return [
    "vadi train",
    shellWord(dataset.path),
    "--out",
    shellWord(out),
    ...optionWords(trainingOptions, options, { ...given }),
    ...optionWords(
      { backend: runOptions.backend, scratch: runOptions.scratch },
      { backend },
      { ...given },
    ),
  ].join(" ");
}

/** The options as run.json has them. */
export function optionsOf(
  settings: TrainingSettings,
  { model, init }: Pick<RunRecord["options"], "model" | "init">,
): RunRecord["options"] {
  const recorded = pickOptions(trainingOptions, { ...settings, model, init });
  return recorded as RunRecord["options"];
}
