import { formatNumber } from "../../../common/text/numbers.js";
import { countedExactly } from "../../../common/text/plurals.js";
import type { Dataset } from "../../../stream/index.js";
import type { HistoryRow, RunRecord } from "../../../train/index.js";
import { hasStandardizedTarget } from "../../figures/loss-names.js";

/** Near the noise floor: a loss of at most this many times its variance. */
const NEAR = 1.1;
/** Losses of batches scatter: they are averaged over this share of the logged steps. */
const SMOOTHED = 1 / 50;

const OPTIMIZERS: Record<RunRecord["options"]["optimizer"], string> = {
  sgd: "SGD",
  momentum: "SGD with momentum",
  nesterov: "SGD with Nesterov’s momentum",
  rmsprop: "RMSProp",
  adam: "Adam",
  "gradient-descent": "Gradient descent",
  "closed-form": "The closed form",
};

/** What a training came to, in a sentence without a full stop: `SGD reaches the noise floor after 220 steps`. */
export function claimOfTraining(
  { options, status, dataset: { rows }, standardize, result }: RunRecord,
  history: readonly HistoryRow[],
  dataset?: Dataset,
): string {
  const name = OPTIMIZERS[options.optimizer];
  if (options.optimizer === "closed-form")
    return `${name} finds the weights in one pass over ${countedExactly(rows, "row")}`;
  const last = history.at(-1);
  const steps = countedExactly(result?.steps ?? last?.step ?? 0, "step");
  if (status === "diverged") return `${name} diverges after ${steps}`;
  if (options.epochs === 0) return "The initial weights, before any training";
  if (history.length < 2 || last === undefined) return `${name}, ${steps}`;
  const smooth = smoothed(history.map(({ loss }) => loss));
  const [first = NaN, end = NaN] = [history[0]?.loss, smooth.at(-1)];
  const manifest = dataset?.manifest;
  if (manifest?.kind === "lsm" && manifest.noise > 0 && !hasStandardizedTarget({ standardize })) {
    const floor = manifest.noise ** 2;
    const reached = smooth.findIndex((loss) => loss <= NEAR * floor);
    return reached >= 0
      ? `${name} reaches the noise floor after ${countedExactly(history[reached]!.step, "step")}`
      : `After ${steps} ${lowered(name)} is still ${formatNumber(round(end / floor))} times above the noise floor`;
  }
  return `${name} takes the loss from ${formatNumber(round(first))} to ${formatNumber(round(end))} in ${steps}`;
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

function round(value: number): number {
  return Number(value.toPrecision(2));
}

/** Names begin a sentence; within one, only abbreviations keep their capitals. */
function lowered(name: string): string {
  return name === "Gradient descent" ? "gradient descent" : name;
}
