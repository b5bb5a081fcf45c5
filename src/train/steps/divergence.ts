import { failure, type VadiError } from "../../common/errors.js";
import { isStepOptimizer } from "../optimizers/index.js";
import { learningRateAt } from "../schedule.js";
import type { TrainingSettings } from "../resolve-options.js";

/**
 * The error of a training whose loss or weights are no longer finite.
 *
 * @param steps the steps that were taken
 * @param checkpointStep the step of the last checkpoint; 0 or less where there is none
 * @param what what is not finite, and after which step
 */
export function divergenceError(
  settings: TrainingSettings,
  steps: number,
  checkpointStep: number,
  what: string,
): VadiError {
  const rate = learningRateAt(settings, Math.max(1, steps));
  const lower = Number((settings.learningRate / 10).toPrecision(3));
  const canClip = isStepOptimizer(settings.optimizer);
  const kept = checkpointStep > 0 ? ` The checkpoint of step ${checkpointStep} is kept.` : "";
  return failure(
    (option) =>
      `Training diverged: ${what} with learning rate ${rate}; try a smaller one, for instance ${option("learningRate")} ${lower}${canClip ? `, or ${option("clipNorm")} 1` : ""}.${kept}`,
  );
}
