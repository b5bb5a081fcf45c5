import { z } from "zod/mini";
import { shellWord } from "../../common/command-line.js";
import { optionWords, pickOptions } from "../../common/options/options.js";
import { recordedSchema } from "../../common/options/recorded.js";
import { preparationSchema } from "../../storage/index.js";
import { modelOptions } from "../../model/options.js";
import { originSchema } from "../../stream/index.js";
import { runOptions, trainingOptions } from "../options.js";
import type { TrainingSettings } from "../resolve-options.js";
import type { RunRecord, TrainOptions } from "../types.js";

/** The file that makes a folder a run. */
export const RECORD_FILE = "run.json";

const count = z.number().check(z.int(), z.nonnegative());
const width = z.number().check(z.int(), z.positive());

const scaling = z.object({ name: z.string(), mean: z.number(), scale: z.number() });

const measure = {
  loss: z.number(),
  rSquared: z._default(z.nullable(z.number()), null),
  meanAbsoluteError: z._default(z.nullable(z.number()), null),
};

/** Checks the form of a run.json. */
export const runRecordSchema: z.ZodMiniType<RunRecord> = z.object({
  formatVersion: z.literal(1),
  status: z.enum(["running", "done", "stopped", "diverged"]),
  options: z.extend(recordedSchema(trainingOptions), { stepSize: width, logEvery: width }),
  layers: z.array(width).check(z.minLength(2)),
  parameters: width,
  dataset: z.object({
    path: z.string(),
    fingerprint: z.string(),
    origin: z.exactOptional(originSchema),
    preparation: z.exactOptional(preparationSchema),
    kind: z.string(),
    rows: width,
    features: width,
    columns: z.exactOptional(z.object({ features: z.array(z.string()), target: z.string() })),
  }),
  backend: z.string(),
  engine: z._default(z.string(), "tensor"),
  standardize: z._default(
    z.nullable(z.object({ features: z.array(scaling), target: z.nullable(scaling) })),
    null,
  ),
  threads: width,
  versions: z.object({ vadi: z.string(), tfjs: z.string(), node: z.string() }),
  from: z.exactOptional(z.object({ run: z.string(), step: count })),
  command: z.string(),
  warnings: z.exactOptional(z.array(z.string())),
  result: z.nullable(
    z.object({
      steps: count,
      epochs: count,
      rows: count,
      loss: z.nullable(z.number()),
      seconds: z.number(),
      rowsPerSecond: z.number(),
      waitedForData: z.number(),
      weights: z.exactOptional(z.array(z.number())),
      bias: z.exactOptional(z.number()),
      validation: z.exactOptional(
        z.object({
          losses: z.array(z.number()),
          ...measure,
          measures: z._default(z.array(z.object(measure)), []),
          epoch: count,
          rows: count,
          stoppedEarly: z.boolean(),
        }),
      ),
      folding: z.exactOptional(z.object({ largest: z.number(), spread: z.number(), rows: count })),
    }),
  ),
});

/** The command line that makes the same run again. */
export function trainCommandLine(
  record: Pick<RunRecord, "options" | "dataset" | "backend" | "from">,
  out: string,
  given: TrainOptions,
): string {
  const { options, dataset, backend, from } = record;
  // A run that starts from another takes its model from it.
  const table = Object.fromEntries(
    Object.entries(trainingOptions).filter(([name]) => !from || !(name in modelOptions)),
  );
  return [
    "vadi train",
    shellWord(dataset.path),
    "--out",
    shellWord(out),
    ...(from ? ["--from", shellWord(`${from.run}@${from.step}`)] : []),
    ...optionWords(table, options, { ...given }),
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
