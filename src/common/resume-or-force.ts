import { usageError } from "./errors.js";

/**
 * Refuses `--resume` beside `--force`: one goes on with what the other removes.
 *
 * @throws a usage error
 */
export function checkResumeOrForce(resume: boolean, force: boolean): void {
  if (resume && force) {
    throw usageError(
      "--resume goes on with what is there and --force removes it; give one of them.",
    );
  }
}
