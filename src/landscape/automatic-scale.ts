import { failure, usageError } from "../common/errors.js";
import type { Network } from "../model/index.js";
import { makeAxes, type AxesInput } from "./axes.js";
import { chooseMethod } from "./methods/choose-method.js";
import { readBatches } from "./points/read-batches.js";
import type { LandscapeSettings } from "./points/resolve-options.js";

/** The line ends where the mean loss of both sides is this many times the loss at the weights. */
export const RISE = 10;
/** Rows of the first batch that are looked at. */
const ROWS = 2000;
/** Halvings or doublings of the scale before the search gives up. */
const MOST_DOUBLINGS = 60;
/** Halvings of the interval, in which the rise is then found to within a few percent. */
const HALVINGS = 6;

/**
 * The scale at which the loss, averaged over both ends of the line, has risen tenfold (`RISE`). It is found on the
 * first rows of the first selected batch, and rounded to 1, 2 or 5 times a power of ten: runs whose valleys are about
 * as wide get the same scale, and can be compared.
 *
 * @throws a usage error for lines that have ends of their own; a failure if the loss does not rise that much
 */
export async function automaticScale(
  input: AxesInput<Network>,
  settings: LandscapeSettings,
): Promise<number> {
  if (!/^(?:random$|gradient$|path$|curvature:)/.test(settings.along)) {
    throw usageError(
      (option) =>
        `${option("scale")} auto goes with ${option("along")} random, gradient, path or curvature: other lines have ends of their own; give a number.`,
    );
  }
  const riseAt = await riseOf(input, settings);
  let [low, high] = [0, 1];
  let doublings = 0;
  if ((await riseAt(1)) >= RISE) {
    for (low = 0.5; (await riseAt(low)) >= RISE && doublings < MOST_DOUBLINGS; low /= 2)
      doublings++;
    high = 2 * low;
  } else {
    for (high = 2; (await riseAt(high)) < RISE && doublings < MOST_DOUBLINGS; high *= 2)
      doublings++;
    low = high / 2;
  }
  if (doublings === MOST_DOUBLINGS) {
    throw failure(
      (option) =>
        `The loss of the first batch does not rise to ${RISE} times that of the weights along this line, so ${option("scale")} auto finds no end; give ${option("scale")} a number.`,
    );
  }
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = Math.sqrt(low * high);
    if ((await riseAt(middle)) >= RISE) high = middle;
    else low = middle;
  }
  return rounded(high);
}

/** The nearest of 1, 2 and 5 times a power of ten, on a logarithmic scale. */
export function rounded(scale: number): number {
  const power = Math.floor(Math.log10(scale));
  const digits = scale / 10 ** power;
  const nearest = [1, 2, 5, 10].reduce((best, one) =>
    Math.abs(Math.log(one / digits)) < Math.abs(Math.log(best / digits)) ? one : best,
  );
  return Number((nearest * 10 ** power).toPrecision(1));
}

/** How many times the loss at the weights the mean loss at ±α is, by α. */
async function riseOf(
  input: AxesInput<Network>,
  settings: LandscapeSettings,
): Promise<(alpha: number) => Promise<number>> {
  const { dataset, batches, batchSize, signal } = input;
  const { centre, directions } = await makeAxes(input, { ...settings, plane: false });
  const [first] = batches;
  for await (const batch of readBatches(dataset, [first ?? 0], batchSize, signal)) {
    const rows = Math.min(ROWS, batch.rows);
    const [x, y] = [batch.x.slice(0, rows * dataset.features), batch.y.slice(0, rows)];
    return async (alpha) => {
      const grid = {
        centre,
        directions,
        alphas: Float64Array.of(-alpha, 0, alpha),
        betas: Float64Array.of(0),
      };
      const method = await chooseMethod(grid, 1, rows);
      try {
        const values = await method.evaluate({ x, y, rows }, signal);
        const losses = new Float64Array(3);
        method.curves.readInto(losses, 0, (target, from) =>
          target.set(values.subarray(from, from + target.length)),
        );
        return (losses[0]! + losses[2]!) / 2 / losses[1]!;
      } finally {
        await method.dispose();
      }
    };
  }
  throw failure(`${dataset.path} has no rows to find a scale with.`);
}
