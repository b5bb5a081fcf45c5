import type { ScheduleName } from "./options.js";

/** What a schedule depends on. */
export interface ScheduleSettings {
  schedule: ScheduleName;
  /** The learning rate at its full size. */
  learningRate: number;
  /** Steps of the linear rise at the beginning. */
  warmup: number;
  /** Epochs between two drops of `step`. */
  stepSize: number;
  /** What each drop of `step` multiplies by. */
  gamma: number;
  /** Steps of the whole training. */
  steps: number;
  stepsPerEpoch: number;
}

/**
 * The learning rate η of a step, a function of the step's number alone.
 *
 * Within the warm-up (Goyal et al. 2017) it is η·step/(warmup + 1). `step` multiplies by γ every
 * `stepSize` epochs (`torch.optim.lr_scheduler.StepLR`). `cosine` falls along half a cosine from η
 * after the warm-up towards 0 after the last step (Loshchilov and Hutter 2017, without restarts;
 * `CosineAnnealingLR` moved on every step).
 *
 * @param step counted from 1
 */
export function learningRateAt(settings: ScheduleSettings, step: number): number {
  const { schedule, learningRate, warmup, stepSize, gamma, steps, stepsPerEpoch } = settings;
  if (step <= warmup) return (learningRate * step) / (warmup + 1);
  if (schedule === "step") {
    const epoch = Math.floor((step - 1) / stepsPerEpoch);
    return learningRate * gamma ** Math.floor(epoch / stepSize);
  }
  if (schedule === "cosine") {
    const progress = (step - 1 - warmup) / Math.max(1, steps - warmup);
    return (learningRate * (1 + Math.cos(Math.PI * progress))) / 2;
  }
  return learningRate;
}
