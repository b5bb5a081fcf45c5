import type { DenseLayer, DenseNetwork } from "../../model/index.js";
import { usageError } from "../../common/errors.js";
import { reordered } from "./symmetries.js";
import { dotProduct } from "./weights.js";

/** A network whose units are in the order that fits another network best. */
export interface Alignment {
  network: DenseNetwork;
  /** Of each hidden layer and each place the unit that came there, numbered from 0. */
  orders: number[][];
}

/** Sweeps over the layers, which end earlier once none gains anything. */
const MOST_SWEEPS = 100;

/**
 * Reorders the hidden units of a network so that its weights lie as near as possible to another network's, by weight
 * matching (Ainsworth, Hayase and Srinivasa 2023, "Git Re-Basin", algorithm 1): layer by layer, the order with the
 * largest scalar product of the weights is a linear assignment, given the orders of the layers beside it. The sweeps
 * are repeated until none gains anything. They begin with the units as they are, matched by incoming weights from
 * the first layer on, and matched by outgoing weights from the last layer back; the best of the three is returned.
 * The predictions stay the same.
 *
 * @param one the network to match
 * @param other the same layers
 * @throws a usage error for a network without hidden layers
 */
export async function alignUnits(
  one: DenseNetwork,
  other: DenseNetwork,
  pause: () => Promise<void>,
): Promise<Alignment> {
  if (one.length < 2) {
    throw usageError(
      (option) => `${option("align")} needs a model with hidden layers; leave it out here.`,
    );
  }
  const { munkres } = await import("munkres");
  const assign = (similarity: Float64Array[]): number[] => {
    const order = Array.from({ length: similarity.length }, () => 0);
    for (const [place, unit] of munkres(similarity.map((row) => row.map((value) => -value)))) {
      order[place] = unit;
    }
    return order;
  };
  const layers = Array.from({ length: one.length - 1 }, (_, index) => index + 1);
  const unmoved = (): Alignment => ({
    network: other,
    orders: other.slice(0, -1).map(({ outputs }) => Array.from({ length: outputs }, (_, at) => at)),
  });

  async function match(from: Alignment, order: number[], sides: Sides): Promise<Alignment> {
    let found = from;
    for (const layer of order) {
      found = moved(found, layer, assign(similarities(one, found.network, layer, sides)));
      await pause();
    }
    return found;
  }

  const starts = [
    unmoved(),
    await match(unmoved(), layers, { incoming: true, outgoing: false }),
    await match(unmoved(), layers.toReversed(), { incoming: false, outgoing: true }),
  ];
  let best: Alignment | undefined;
  for (let found of starts) {
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      const next = await match(found, layers, { incoming: true, outgoing: true });
      const gains = dotProduct(one, next.network) > dotProduct(one, found.network);
      if (gains) found = next;
      else break;
    }
    if (best === undefined || dotProduct(one, found.network) > dotProduct(one, best.network)) {
      best = found;
    }
  }
  return best!;
}

/** Which of a unit's weights are compared. */
interface Sides {
  incoming: boolean;
  outgoing: boolean;
}

function moved({ network, orders }: Alignment, layer: number, order: number[]): Alignment {
  const before = orders[layer - 1]!;
  return {
    network: reordered(network, layer, order),
    orders: orders.with(
      layer - 1,
      order.map((unit) => before[unit]!),
    ),
  };
}

/** The scalar products of the weights of each unit of one network's layer, from 1, with those of the other's. */
function similarities(
  one: DenseNetwork,
  other: DenseNetwork,
  layer: number,
  { incoming, outgoing }: Sides,
): Float64Array[] {
  const ownUnits = unitsOf(one[layer - 1]!, one[layer]!, { incoming, outgoing });
  const otherUnits = unitsOf(other[layer - 1]!, other[layer]!, { incoming, outgoing });
  return ownUnits.map((own) =>
    Float64Array.from(otherUnits, (theirs) => {
      let sum = 0;
      for (let at = 0; at < own.length; at++) sum += own[at]! * theirs[at]!;
      return sum;
    }),
  );
}

/** Of each unit between two layers its incoming weights and bias, and its outgoing weights. */
function unitsOf(below: DenseLayer, above: DenseLayer, sides: Sides): Float64Array[] {
  const { outputs, inputs } = below;
  return Array.from({ length: outputs }, (_, unit) => {
    const weights = sides.incoming
      ? Array.from({ length: inputs }, (_input, at) => below.weights[at * outputs + unit]!)
      : [];
    if (sides.incoming && below.bias !== undefined) weights.push(below.bias[unit]!);
    if (sides.outgoing) {
      weights.push(...above.weights.subarray(unit * above.outputs, (unit + 1) * above.outputs));
    }
    return Float64Array.from(weights);
  });
}
