import { randomNormals, STREAMS } from "../generate/index.js";
import type { DenseNetwork } from "../train/index.js";
import type { Line } from "./method.js";
import type { Along } from "./types.js";

/** Rows of the random stream that the second point of `random-points` takes its layers from. */
const secondPointRow = 1000;

/** What a line is made from. */
export interface LineSpec {
  along: Along;
  points: number;
  scale: number;
  endpoint: boolean;
  seed: number;
}

/**
 * The line through a network's weight space. `random`: from the network, along N(0,1) in every
 * weight, α = −scale … scale. `random-points`: from one random point to another, both scale·N(0,1),
 * α = 0 … 1; of the network only its shape counts.
 */
export function makeLine(network: DenseNetwork, spec: LineSpec): Line {
  if (spec.along === "random") {
    return {
      centre: network,
      direction: randomNetwork(network, spec.seed, 0),
      alphas: spaced(-spec.scale, spec.scale, spec.points, spec.endpoint),
    };
  }
  const centre = randomNetwork(network, spec.seed, 0, spec.scale);
  const end = randomNetwork(network, spec.seed, secondPointRow, spec.scale);
  return {
    centre,
    direction: end.map((layer, index) => ({
      ...layer,
      weights: layer.weights.map((value, at) => value - centre[index]!.weights[at]!),
    })),
    alphas: spaced(0, 1, spec.points, spec.endpoint),
  };
}

/**
 * Evenly spaced numbers from start to end (one number: the start). Without the endpoint:
 * start + i·(end − start)/count. Written as weighted means, so that an interval around zero has its
 * zero exactly and lies symmetric about it.
 */
export function spaced(start: number, end: number, count: number, endpoint: boolean): Float64Array {
  const intervals = Math.max(1, endpoint ? count - 1 : count);
  return Float64Array.from(
    { length: count },
    (_, index) => (start * (intervals - index) + end * index) / intervals,
  );
}

/** Layers of the same shapes with weights scale·N(0,1): layer l from row `firstRow` + l of the directions' random stream. */
function randomNetwork(
  shape: DenseNetwork,
  seed: number,
  firstRow: number,
  scale = 1,
): DenseNetwork {
  return shape.map((layer, index) => ({
    ...layer,
    weights: randomNormals(seed, STREAMS.direction, firstRow + index, layer.weights.length).map(
      (value) => scale * value,
    ),
  }));
}
