import { formatNumber } from "../../common/text/numbers.js";
import type { LandscapeRecord } from "../../landscape/index.js";

/** What a report says of a line. */
export interface LineText {
  title: string;
  /** The title of the horizontal axis. */
  axis: string;
  /** What α = 0 and the line are. */
  text: string;
  /** What to look for; without a full stop. */
  look: string;
}

/** The texts of each kind of direction. */
export function textOf(record: LandscapeRecord): LineText {
  switch (record.along) {
    case "random-points":
      return {
        title: "between two random points",
        axis: "α, position between the first random point (0) and the second (1)",
        text: `The line runs from one random point of weight space to another. Each weight of both is drawn from ${formatNumber(record.scale)}·N(0, 1). There is no reason why it should pass near an optimum.`,
        look: "Look for where each batch is lowest (marked): at an end of the line there is no optimum within it",
      };
    case "model":
      return {
        title: "between two models",
        axis: "α, position between the run’s weights (0) and the other model’s (1)",
        text: "The line runs straight from the run’s weights to the other model’s.",
        look: "Look for a barrier between both ends: where the loss rises above the straight line from one end to the other, it is not convex",
      };
    case "swap": {
      const [layer, ...units] = (record.parameter ?? "").split(":");
      return {
        title: "to the same network with two units exchanged",
        axis: "α, position between the run’s weights (0) and those with two units exchanged (1)",
        text: `The line runs straight to the network in which units ${units.join(" and ")} of hidden layer ${layer} are exchanged. It makes the same predictions, so both ends have the same loss.`,
        look: "Look for the barrier: a convex loss could not rise between two points of equal loss",
      };
    }
    case "rescale":
      return {
        title: "to the same network, rescaled",
        axis: "α, position between the run’s weights (0) and the rescaled ones (1)",
        text: "The line runs straight to the network whose first layer is multiplied by 4 and whose next layer is divided by 4. It makes the same predictions, so both ends have the same loss. They are joined by a curve of equal loss, and not by the line.",
        look: "Look for the barrier: a convex loss could not rise between two points of equal loss",
      };
    case "curvature": {
      const k = Number.parseInt(record.parameter ?? "1", 10);
      const which = `${Math.abs(k) === 1 ? "" : `number ${Math.abs(k)} from the `}${k > 0 ? "least" : "largest"}`;
      return {
        title: `along the eigenvector of the ${which} eigenvalue`,
        axis: "α, the distance from the run’s weights along the unit eigenvector",
        text: `The line passes through the run’s weights at α = 0, along the unit eigenvector of the Hessian whose eigenvalue is the ${which}.`,
        look:
          k > 0
            ? "Look for where the curve bends downwards: there it is not convex"
            : "Look for how steeply the loss rises: this is where it bends most",
      };
    }
    case "gradient":
      return {
        title: "along the gradient",
        axis: "α, in multiples of the gradient (0: the run’s weights)",
        text: `The line passes through the run’s weights at α = 0, along the gradient of the loss of the selected batches${
          record.normalize === "filter"
            ? ", scaled to the norm of the weights of each unit, without biases."
            : ": α = −η is a step of gradient descent with the learning rate η."
        }`,
        look: "Look for where the lowest points (marked) lie: those left of α = 0 can be reached by steps against the gradient",
      };
    case "path":
      return {
        title: "along the path of the training",
        axis: "α, in multiples of the path’s leading principal direction (0: the run’s weights)",
        text: "The line passes through the run’s weights at α = 0, in the direction in which the training moved most: the leading principal component of its snapshots.",
        look: "Look for whether the loss falls towards α = 0 from either side, and how it continues beyond",
      };
    default:
      return {
        title: "along a random direction",
        axis: "α, in multiples of the direction (0: the run’s weights)",
        text: `The line passes through the run’s weights at α = 0, along one random direction. Each of its entries is drawn from N(0, 1)${record.normalize === "filter" ? " and scaled to the norm of the weights of its unit, without biases" : ""}. At α all weights are moved by α times the direction.`,
        look: "Look for whether the lowest points of the batches (marked) lie at the run’s weights, α = 0, or beside them",
      };
  }
}

/** `Loss landscape along a random direction` */
export function titleOfLandscape(record: LandscapeRecord): string {
  return record.kind === "plane"
    ? `Loss surface ${record.along === "path" ? "around the path of the training" : "over two directions"}`
    : `Loss landscape ${textOf(record).title}`;
}

/** The rows of each batch: `1 000`, or `at most 1 000` if the last batch is smaller. */
export function rowsOfBatches({ batches, batchSize, rows }: LandscapeRecord): string {
  if (rows === batches.length * batchSize) return formatNumber(batchSize);
  return batches.length === 1 ? formatNumber(rows) : `at most ${formatNumber(batchSize)}`;
}
