import { optionFlag } from "../../../common/command-line.js";
import { failure, usageError } from "../../../common/errors.js";
import { choice, count, text } from "../../../common/options/kinds.js";
import {
  checkValue,
  optional,
  pickOptions,
  required,
  type GivenOptions,
} from "../../../common/options/options.js";
import { JOB_OPTIONS, planOptions, TASK_JOBS } from "../../../tasks/options.js";
import type { TaskJob } from "../../../tasks/index.js";
import { defineCommand, type Command } from "../../parse/command.js";

const { kind: _kind, ...generateOptions } = JOB_OPTIONS.generate;
const options = {
  ...planOptions,
  task: optional(count(), "Print only the task of this number, from 0", "all"),
  ...JOB_OPTIONS.curvature,
  ...JOB_OPTIONS.landscape,
  ...JOB_OPTIONS.evaluate,
  ...generateOptions,
};

export const planCommand: Command = defineCommand({
  name: "plan",
  describe: "Divide a job into tasks for many machines, one line of JSON each",
  positionals: {
    job: required(choice(TASK_JOBS), "generate, verify, landscape, evaluate or curvature"),
    subject: required(text, "What that command takes: the dataset's kind, the dataset, or the run"),
  },
  options,
  examples: [
    {
      command: "vadi plan generate lsm --rows 10G --out data/huge --tasks 100",
      describe: "100 lines for vadi task; then vadi join data/huge.parts --out data/huge",
    },
    {
      command: "vadi plan verify data/large --parts work/verify --task 7",
      describe: "One task, as a job array pipes it to vadi task; in the end vadi merge work/verify",
    },
    {
      command: "vadi plan landscape runs/mlp --batches all --out landscapes/all",
      describe:
        "Batches divided among tasks, for vadi merge landscapes/all.parts --out landscapes/all",
    },
    {
      command: "vadi plan curvature runs/mlp --out curvature",
      describe: "The tasks of one pass over the rows; again after these, until there are none",
    },
  ],
  async run(values) {
    const { planTasks } = await import("../../../tasks/index.js");
    const { job, subject, task: wanted } = values;
    const planned = await planTasks(jobOf(job, subject, values), pickOptions(planOptions, values));
    const chosen = wanted === undefined ? planned : planned.filter(({ task }) => task === wanted);
    const [any] = planned;
    if (wanted !== undefined && any !== undefined && wanted >= any.tasks) {
      throw failure(
        `--task is ${wanted}, but the plan has ${any.tasks === 1 ? "task 0 alone" : `the tasks 0 to ${any.tasks - 1}`}.`,
      );
    }
    return { json: {}, text: [], lines: chosen.map((task) => JSON.stringify(task)) };
  },
});

/** The job with its own options. */
function jobOf(
  job: (typeof TASK_JOBS)[number],
  subject: string,
  given: GivenOptions<typeof options>,
): TaskJob {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const own = JOB_OPTIONS[job];
  const foreign = Object.keys(options).find(
    (name) =>
      values[name] !== undefined &&
      !Object.hasOwn(own, name) &&
      !Object.hasOwn(planOptions, name) &&
      name !== "task",
  );
  if (foreign !== undefined) {
    throw usageError(`${optionFlag(foreign)} is not an option of vadi plan ${job}.`);
  }
  switch (job) {
    case "generate": {
      const { kind } = JOB_OPTIONS.generate;
      const spec = pickOptions(generateOptions, values);
      return { job, ...spec, kind: checkValue(kind.kind, subject, "The dataset's kind", subject) };
    }
    case "verify":
      return { job, dataset: subject };
    case "landscape":
      return { job, ...pickOptions(JOB_OPTIONS.landscape, values), run: subject };
    case "curvature":
      return { job, ...pickOptions(JOB_OPTIONS.curvature, values), run: subject };
    case "evaluate":
      return { job, ...pickOptions(JOB_OPTIONS.evaluate, values), run: subject };
  }
}
