import { capital, counted, list, percent, short } from "./words.js";

/** What figures show, each in a sentence without a full stop. The names of optimisers are those of `training`. */
export const claims = {
  onePass: (optimizer: string, rows: number) =>
    `${capital(optimizer)} finds the weights in one pass over ${counted(rows, "row")}`,
  diverges: (optimizer: string, steps: number) =>
    `${capital(optimizer)} diverges after ${counted(steps, "step")}`,
  untrained: "The initial weights, before any training",
  trained: (optimizer: string, steps: number) => `${capital(optimizer)}, ${counted(steps, "step")}`,
  reachesFloor: (optimizer: string, steps: number) =>
    `${capital(optimizer)} reaches the noise floor after ${counted(steps, "step")}`,
  aboveFloor: (optimizer: string, steps: number, times: number) =>
    `After ${counted(steps, "step")} ${optimizer} is still ${short(times)} times above the noise floor`,
  changesLoss: (optimizer: string, steps: number, from: number, to: number) =>
    `${capital(optimizer)} takes the loss from ${short(from)} to ${short(to)} in ${counted(steps, "step")}`,
  runsCompared: "The runs compared",
  endsLowest: (run: string, loss: string, next: string) =>
    `${run} ends lowest, at a loss of ${loss}; the next ends at ${next}`,
  endTogether: (runs: readonly string[], loss: string) =>
    `${list(runs)} end lowest, all at a loss of ${loss}`,
  nowhereFinite: "The loss is nowhere finite on this line",
  fallsToEnd: "There is no lowest point within this line: the loss falls to its end",
  lowestAt: (alpha: number) => `The loss is lowest at α = ${short(alpha)}`,
  sameLowest: (batches: number, alpha: number) =>
    `All ${counted(batches, "batch", "batches")} have their lowest point at α = ${short(alpha)}`,
  ownFloors: (batches: number, apart: number) =>
    `Every batch has its own valley floor: the lowest points of ${counted(batches, "batch", "batches")} lie up to ${short(apart)} apart`,
  barrier: (rise: number) =>
    `Between the two models the loss rises ${short(rise)} above both: a barrier`,
  aboveChord: (rise: number) =>
    `Between the two models the loss lies up to ${short(rise)} above the straight line: it is not convex`,
  betweenModels: "The loss between the two models",
  onlyFalls: (from: number, to: number) =>
    `From one model to the other the loss only falls, from ${short(from)} to ${short(to)}: this line does not show what is not convex`,
  aligned: (before: number, after: number) =>
    `With the units matched, the barrier between the two models falls from ${short(before)} to ${short(after)}`,
  alignedInVain: (before: number, after: number) =>
    `Matching the units does not lower the barrier between the two models: ${short(before)} before, ${short(after)} after`,
  noBarrier: "There is no barrier between the two models",
  pathDown: (from: number, to: number, share: number) =>
    `The path goes from a loss of ${short(from)} down to ${short(to)}; ${percent(share)} of it lies in this plane`,
  curvedValley: (rise: number) =>
    `The valley is curved: the point midway between two of its lowest points lies ${short(rise)} higher`,
  centreLowest: "Nothing in this plane is lower than the run’s weights",
  planeLowest: (alpha: number, beta: number) =>
    `The lowest point of this plane lies at α = ${short(alpha)}, β = ${short(beta)}`,
};
