import { fillOptions, type GivenOptions } from "../common/options/options.js";
import { usageError } from "../common/errors.js";
import { absoluteLocation, isRemote } from "../storage/index.js";
import { JOB_OPTIONS, planOptions } from "./options.js";
import { findResult } from "./results.js";
import type { Task } from "./types.js";

/** How a job is divided. */
export type PlanTasksOptions = GivenOptions<typeof planOptions>;

/** A job for many machines, with the options that it has on one. */
export type TaskJob =
  | ({ job: "generate" } & GivenOptions<(typeof JOB_OPTIONS)["generate"]>)
  | { job: "verify"; dataset: string }
  | ({ job: "landscape"; run: string } & GivenOptions<(typeof JOB_OPTIONS)["landscape"]>)
  | ({ job: "curvature"; run: string } & GivenOptions<(typeof JOB_OPTIONS)["curvature"]>)
  | ({ job: "evaluate"; run: string; dataset?: string | undefined } & GivenOptions<
      (typeof JOB_OPTIONS)["evaluate"]
    >);

/**
 * Divides a job into tasks, for `runTask` on any machine that sees the same files. All paths in them are absolute.
 *
 * @throws a usage error for a wrong option; a failure where the run or the dataset cannot be opened, or a stage
 *   needs results that are not there
 */
export async function planTasks(job: TaskJob, options: PlanTasksOptions = {}): Promise<Task[]> {
  const { tasks, stage, resume, ...filled } = fillOptions(planOptions, options);
  const parts = filled.parts ?? ("out" in job && job.out ? `${job.out}.parts` : undefined);
  if (parts === undefined) {
    throw usageError(
      (option) =>
        `The tasks need a folder for their results; name it with ${option("parts")}${"out" in JOB_OPTIONS[job.job] ? `, or name the final folder with ${option("out")}` : ""}.`,
    );
  }
  if (stage !== "shards" && job.job !== "generate") {
    throw usageError((option) => `${option("stage")} is for generated data.`);
  }
  if ((job.job === "landscape" || job.job === "curvature") && isRemote(parts)) {
    throw usageError((option) => `${option("parts")} of a ${job.job} must be a folder on disk.`);
  }
  const planned = await divided(job, stage, absoluteLocation(parts), tasks);
  if (!resume) return planned;
  const open = await Promise.all(
    planned.map(async (task) => ((await findResult(task)) === undefined ? [task] : [])),
  );
  return open.flat();
}

/** Each kind is loaded when it is needed. */
async function divided(
  given: TaskJob,
  stage: "first-maximum" | "second-maximum" | "shards",
  parts: string,
  tasks: number,
): Promise<Task[]> {
  switch (given.job) {
    case "generate": {
      const { job: _job, out: _out, ...spec } = given;
      return (await import("./kinds/generate.js")).planGenerate(spec, stage, parts, tasks);
    }
    case "verify":
      return (await import("./kinds/verify.js")).planVerify(
        absoluteLocation(given.dataset),
        parts,
        tasks,
      );
    case "landscape": {
      const { job: _job, out: _out, run, ...spec } = given;
      return (await import("./kinds/landscape.js")).planLandscape(run, spec, parts, tasks);
    }
    case "curvature": {
      const { job: _job, out: _out, run, ...spec } = given;
      return (await import("./kinds/curvature.js")).planCurvature(run, spec, parts, tasks);
    }
    case "evaluate":
      return (await import("./kinds/evaluate.js")).planEvaluate(given.run, given, parts, tasks);
  }
}
