import { usageError } from "./errors.js";

/**
 * Refuses `resume` together with `force`: one continues what the other removes.
 *
 * @throws a usage error
 */
export function checkResumeOrForce(resume: boolean, force: boolean): void {
  if (resume && force) {
    throw usageError(
      (option) =>
        `${option("resume")} continues what is there, and ${option("force")} removes it; give one of them.`,
    );
  }
}
