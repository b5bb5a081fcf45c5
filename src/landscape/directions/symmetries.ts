import { usageError } from "../../common/errors.js";
import type { DenseLayer, DenseNetwork } from "../../model/index.js";
import { networkAt, squaredErrors } from "../exact/network.js";
import { combineNetworks } from "./weights.js";

/* Symmetries of a network: other weights with the same predictions. */

/** The factor by which `rescaled` multiplies a layer: a power of two, so that no digit is lost. */
const FACTOR = 4;
/** The most pairs of units whose barrier is measured. */
const MOST_PAIRS = 2000;
/** Weights times rows times pairs that are measured: some seconds. */
const MOST_PRODUCTS = 400_000_000;

/** Two units of a hidden layer. */
export interface UnitPair {
  /** The hidden layer, from 1. */
  layer: number;
  /** The units, from 0. */
  units: readonly [number, number];
}

/** Reads `LAYER:I:J`. */
export function parseUnitPair(text: string): UnitPair | undefined {
  const found = /^([1-9]\d{0,3}):(\d{1,7}):(\d{1,7})$/.exec(text);
  if (found === null) return undefined;
  const [layer, one, other] = found.slice(1).map(Number);
  return one === other ? undefined : { layer: layer!, units: [one!, other!] };
}

export function printUnitPair({ layer, units }: UnitPair): string {
  return [layer, ...units].join(":");
}

/** The network in which two units of a hidden layer are exchanged: the same predictions, the same loss. */
export function swapped(network: DenseNetwork, { layer, units }: UnitPair): DenseNetwork {
  const width = layer < network.length ? network[layer - 1]!.outputs : 0;
  if (Math.max(...units) >= width) {
    throw usageError(
      (option) =>
        `The model has no units ${units.join(" and ")} in hidden layer ${layer}; ${
          network.length === 1
            ? "it has no hidden layers"
            : `its hidden layers 1 to ${network.length - 1} have ${network
                .slice(0, -1)
                .map(({ outputs }) => outputs)
                .join(", ")} units, numbered from 0`
        }: choose another ${option("along")} swap:LAYER:I:J.`,
    );
  }
  const order = Array.from({ length: width }, (_, unit) => unit);
  [order[units[0]], order[units[1]]] = [units[1], units[0]];
  return reordered(network, layer, order);
}

/**
 * The network with the units of a hidden layer in another order.
 *
 * @param layer from 1
 * @param order of each place the unit that comes there
 */
export function reordered(
  network: DenseNetwork,
  layer: number,
  order: readonly number[],
): DenseNetwork {
  const result = [...network];
  const below = network[layer - 1]!;
  const above = network[layer]!;
  result[layer - 1] = {
    ...below,
    weights: below.weights.map((_, at) => {
      const unit = order[at % below.outputs]!;
      return below.weights[at - (at % below.outputs) + unit]!;
    }),
    ...(below.bias && { bias: below.bias.map((_, unit) => below.bias![order[unit]!]!) }),
  };
  result[layer] = {
    ...above,
    weights: above.weights.map((_, at) => {
      const unit = order[Math.floor(at / above.outputs)]!;
      return above.weights[unit * above.outputs + (at % above.outputs)]!;
    }),
  };
  return result;
}

/**
 * The network whose first hidden layer is multiplied by 4 and whose next layer's weights are divided by it:
 * the same predictions, since ReLU(4z) = 4·ReLU(z).
 *
 * @throws a usage error where the first layer is not a hidden ReLU or linear one
 */
export function rescaled(network: DenseNetwork): DenseNetwork {
  checkRescalable(network);
  const [first, second] = network as [DenseLayer, DenseLayer];
  const scaled: DenseLayer = {
    ...first,
    weights: times(FACTOR, first.weights),
    ...(first.bias && { bias: times(FACTOR, first.bias) }),
  };
  return [scaled, { ...second, weights: times(1 / FACTOR, second.weights) }, ...network.slice(2)];
}

/**
 * The directions along which the first layer's weights, with its bias, and the next layer's weights grow: at (α, β) they are
 * multiplied by 1 + α and 1 + β.
 *
 * @throws as `rescaled`
 */
export function scaledLayers(network: DenseNetwork): DenseNetwork[] {
  checkRescalable(network);
  return [0, 1].map((scaled) =>
    network.map((layer, index) => ({
      ...layer,
      weights: times(index === scaled ? 1 : 0, layer.weights),
      ...(layer.bias && { bias: times(index === scaled && index === 0 ? 1 : 0, layer.bias) }),
    })),
  );
}

function checkRescalable(network: DenseNetwork): void {
  if (network.length > 1 && ["relu", "linear"].includes(network[0]!.activation)) return;
  throw usageError(
    (option) =>
      `${option("along")} rescale needs a hidden layer of ReLU or linear units; choose another ${option("along")}.`,
  );
}

function times(factor: number, values: Float32Array): Float32Array {
  return values.map((value) => factor * value);
}

/**
 * The pair of units whose exchange has the highest barrier: the loss halfway, on the given rows. All pairs
 * are tried, or of many evenly spaced ones.
 *
 * @throws a usage error where no hidden layer has two units
 */
export async function highestSwap(
  network: DenseNetwork,
  batch: { x: Float32Array; y: Float32Array; rows: number },
  pause: () => Promise<void>,
): Promise<UnitPair> {
  const pairs = network.slice(0, -1).flatMap(({ outputs }, index) =>
    Array.from({ length: outputs }, (_, one) =>
      Array.from({ length: one }, (_unit, other): UnitPair => ({
        layer: index + 1,
        units: [other, one],
      })),
    ).flat(),
  );
  if (pairs.length === 0) {
    throw usageError(
      (option) =>
        `${option("along")} swap needs a hidden layer of two units or more; choose another ${option("along")}.`,
    );
  }
  const every = Math.ceil(pairs.length / MOST_PAIRS);
  const tried = pairs.filter((_, at) => at % every === 0);
  const weights = network.reduce((sum, layer) => sum + layer.weights.length, 0);
  const fitting = Math.floor(MOST_PRODUCTS / weights / tried.length);
  const rows = Math.max(1, Math.min(batch.rows, fitting));
  let best = { pair: tried[0]!, loss: -Infinity };
  for (const pair of tried) {
    const end = swapped(network, pair);
    const direction = combineNetworks(network, end, (from, to) => to - from);
    const halfway = networkAt(
      {
        centre: network,
        directions: [direction],
        alphas: Float64Array.of(0.5),
        betas: Float64Array.of(0),
      },
      0.5,
    );
    const loss = squaredErrors(halfway, batch, 0, rows);
    if (loss > best.loss) best = { pair, loss };
    await pause();
  }
  return best.pair;
}
