import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { failure } from "../../common/errors.js";
import type { Network } from "../../model/index.js";
import type { LandscapePath } from "../points/types.js";
import type { Snapshot } from "./snapshots.js";
import {
  combineNetworks,
  dotProduct,
  normOf,
  trainedOnly,
  vectorsOf,
  withVectors,
} from "./weights.js";

/** Where on its axis the snapshot farthest from the centre lies: with scale 1 the path and a margin are in view. */
const FARTHEST = 0.8;
/** A component that explains a smaller fraction of the path is rounding. */
const NEGLIGIBLE = 1e-12;

/** The path's principal directions, and its coordinates along them. */
export interface PrincipalDirections<N extends Network> {
  directions: N[];
  path: LandscapePath;
}

/**
 * The leading principal components of a training's path (Li et al. 2018, §7). They are those of the
 * differences between the snapshots and the centre, rather than the snapshots' mean, so that the plane
 * through the centre is the one nearest to the path. A direction is scaled such that the farthest
 * snapshot lies at ±0.8 of it, and its sign is such that the path comes from the negative side.
 *
 * @param count 1 or 2
 * @throws a failure where the path has fewer dimensions
 */
export function principalDirections<N extends Network>(
  centre: N,
  snapshots: readonly Snapshot[],
  count: number,
): PrincipalDirections<N> {
  const differences = snapshots.map(({ network }) =>
    trainedOnly(combineNetworks(centre, network, (at, value) => value - at)),
  );
  const components = leadingComponents(differences, count);
  if (components.length < count) {
    throw failure((option) =>
      components.length === 0
        ? `The training's path does not move: all snapshots are the centre; choose another ${option("along")}.`
        : `The training's path runs along a line and spans no plane; leave out ${option("plane")}, or choose another ${option("along")}.`,
    );
  }
  const [alphas = [], betas] = components.map(({ coordinates }) => coordinates);
  return {
    directions: components.map(({ direction }) => direction),
    path: {
      steps: snapshots.map(({ step }) => step),
      alphas,
      ...(betas === undefined ? {} : { betas }),
      explained: components.map(({ explained }) => explained),
      distances: distancesFrom(components, differences),
    },
  };
}

/** A principal component. */
interface Component<N extends Network> {
  direction: N;
  /** The snapshots' coordinates along the direction. */
  coordinates: number[];
  /** The fraction of Σ‖difference‖² that lies along the direction. */
  explained: number;
}

/** At most `count` components, from the K×K Gram matrix of K differences. */
function leadingComponents<N extends Network>(
  differences: readonly N[],
  count: number,
): Component<N>[] {
  const gram = differences.map((one) => differences.map((other) => dotProduct(one, other)));
  const total = gram.reduce((sum, row, index) => sum + row[index]!, 0);
  if (!Number.isFinite(total)) {
    throw failure(
      "The path's snapshots hold weights that are not finite numbers: the training diverged, and there is no landscape along its path.",
    );
  }
  const eigen = new EigenvalueDecomposition(new Matrix(gram), { assumeSymmetric: true });
  // Eigenvalues ascend.
  const order = eigen.realEigenvalues.map((_, index) => index).toReversed();
  const components: Component<N>[] = [];
  for (const place of order.slice(0, count)) {
    const eigenvalue = eigen.realEigenvalues[place] ?? 0;
    if (!(eigenvalue > NEGLIGIBLE * total)) break;
    const axis = axisOf(differences, eigen.eigenvectorMatrix.getColumn(place));
    const along = differences.map((difference) => dotProduct(difference, axis));
    const farthest = along.reduce(
      (most, value) => (Math.abs(value) > Math.abs(most) ? value : most),
      0,
    );
    const length = -farthest / FARTHEST;
    components.push({
      direction: combineNetworks(axis, axis, (value) => value * length),
      coordinates: along.map((value) => value / length),
      explained: eigenvalue / total,
    });
  }
  return components;
}

/**
 * The snapshots' distances from the line or plane. They are the lengths of what remains without the
 * components: differences of squared lengths would be mostly rounding.
 */
function distancesFrom<N extends Network>(
  components: readonly Component<N>[],
  differences: readonly N[],
): number[] {
  return differences.map((difference, index) =>
    normOf(
      components.reduce(
        (left, { direction, coordinates }) =>
          combineNetworks(left, direction, (value, at) => value - coordinates[index]! * at),
        difference,
      ),
    ),
  );
}

/** The unit vector Σ eigenvector[k]·difference[k], summed in float64. */
function axisOf<N extends Network>(differences: readonly N[], weights: readonly number[]): N {
  const shape = differences[0]!;
  const sums = vectorsOf(shape).map((vector) => new Float64Array(vector.length));
  for (const [index, difference] of differences.entries()) {
    for (const [at, vector] of vectorsOf(difference).entries()) {
      const sum = sums[at]!;
      for (let number = 0; number < vector.length; number++) {
        sum[number]! += weights[index]! * vector[number]!;
      }
    }
  }
  const norm = Math.sqrt(sums.reduce((all, sum) => sum.reduce((a, b) => a + b * b, all), 0));
  return withVectors(
    shape,
    sums.map((sum) => Float32Array.from(sum, (value) => value / norm)),
  );
}
