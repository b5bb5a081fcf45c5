import type { Texts } from "../../../language/index.js";
import type { Dataset } from "../../../stream/index.js";
import type { HistoryRow, RunRecord } from "../../../train/index.js";
import { hasStandardizedTarget } from "../../figures/loss-names.js";

/** Near the noise floor: a loss of at most this many times its variance. */
const NEAR = 1.1;
/** Losses of batches scatter: they are averaged over this share of the logged steps. */
const SMOOTHED = 1 / 50;

/** What a training came to, in a sentence without a full stop: `SGD reaches the noise floor after 220 steps`. */
export function claimOfTraining(
  texts: Texts,
  { options, status, dataset: { rows }, standardize, result }: RunRecord,
  history: readonly HistoryRow[],
  dataset?: Dataset,
): string {
  const name = texts.training.optimizers[options.optimizer];
  if (options.optimizer === "closed-form") return texts.claims.onePass(name, rows);
  const last = history.at(-1);
  const steps = result?.steps ?? last?.step ?? 0;
  if (status === "diverged") return texts.claims.diverges(name, steps);
  if (options.epochs === 0) return texts.claims.untrained;
  if (history.length < 2 || last === undefined) return texts.claims.trained(name, steps);
  const smooth = smoothed(history.map(({ loss }) => loss));
  const [first = NaN, end = NaN] = [history[0]?.loss, smooth.at(-1)];
  const manifest = dataset?.manifest;
  if (manifest?.kind === "lsm" && manifest.noise > 0 && !hasStandardizedTarget({ standardize })) {
    const floor = manifest.noise ** 2;
    const reached = smooth.findIndex((loss) => loss <= NEAR * floor);
    return reached >= 0
      ? texts.claims.reachesFloor(name, history[reached]!.step)
      : texts.claims.aboveFloor(name, steps, end / floor);
  }
  return texts.claims.changesLoss(name, steps, first, end);
}

/** The mean of each value and those before it, as many as a fiftieth of all. */
function smoothed(values: readonly number[]): number[] {
  const window = Math.max(1, Math.round(values.length * SMOOTHED));
  let sum = 0;
  return values.map((value, index) => {
    sum += value - (index >= window ? values[index - window]! : 0);
    return sum / Math.min(window, index + 1);
  });
}
