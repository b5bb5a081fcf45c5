import type { DenseLayer, DenseNetwork } from "../../../model/index.js";

/** An interval of a line. */
export interface Line {
  centre: DenseNetwork;
  direction: DenseNetwork;
  from: number;
  to: number;
}

/**
 * A ReLU network with one or two hidden layers along a line, in float64: weights are c + α·v. A network
 * with one hidden layer has a second one of a single unit that is always on, the prediction itself.
 */
export interface LineNetwork {
  features: number;
  /** Units of the first and the second layer. */
  first: number;
  second: number;
  /** Whether the second layer's units switch. */
  switches: boolean;
  c1: LineLayer;
  v1: LineLayer;
  c2: LineLayer;
  v2: LineLayer;
  /** The last layer's weights of each second unit, and its bias. */
  c3: Float64Array;
  v3: Float64Array;
  bias3: readonly [number, number];
}

/** inputs × outputs, row-major, and a bias for each output. */
interface LineLayer {
  weights: Float64Array;
  bias: Float64Array;
}

/** Whether the pieces of a network along a line are polynomials that are known: ReLU, one or two hidden layers. */
export function hasPieces(network: DenseNetwork): boolean {
  const [first, middle] = network;
  return (
    (network.length === 2 || network.length === 3) &&
    first!.activation === "relu" &&
    network.at(-1)!.activation === "linear" &&
    (middle!.activation === "relu" || middle!.activation === "linear")
  );
}

/** Lays out a network that `hasPieces`. */
export function lineNetwork(centre: DenseNetwork, direction: DenseNetwork): LineNetwork {
  const [first, middle, last] = centre;
  const [, middleDirection, lastDirection] = direction;
  return {
    features: first!.inputs,
    first: first!.outputs,
    second: middle!.outputs,
    switches: middle!.activation === "relu",
    c1: layerOf(first!),
    v1: layerOf(direction[0]!),
    c2: layerOf(middle!),
    v2: layerOf(middleDirection!),
    c3: last === undefined ? Float64Array.of(1) : Float64Array.from(last.weights),
    v3: last === undefined ? Float64Array.of(0) : Float64Array.from(lastDirection!.weights),
    bias3: [last?.bias?.[0] ?? 0, lastDirection?.bias?.[0] ?? 0],
  };
}

function layerOf({ weights, bias, outputs }: DenseLayer): LineLayer {
  return {
    weights: Float64Array.from(weights),
    bias: bias === undefined ? new Float64Array(outputs) : Float64Array.from(bias),
  };
}
