import { isUnreadable, VadiError } from "../../../common/errors.js";
import { combineNetworks, readSnapshots } from "../../../landscape/index.js";
import { createForward, isDense, parametersOf, type Network } from "../../../model/index.js";
import type { Dataset } from "../../../stream/index.js";
import { rowsOfRun, type Run } from "../../../train/index.js";
import { tensor2d } from "@tensorflow/tfjs-core";

/** Rows whose predictions are drawn. */
const SAMPLE = 100;

/** What the snapshots of a training tell of its way. */
export interface Walk {
  steps: number[];
  /** Each snapshot's Euclidean distance to the last one, in weight space. */
  distances: number[];
  /** Of a network with hidden layers: targets of a sample of rows, and what each snapshot predicts for them. */
  predictions?: { targets: Float32Array; predicted: Float32Array[] };
}

/**
 * Reads the snapshots of a run.
 *
 * @param dataset for the predictions
 * @returns undefined if the run has fewer than three snapshots that can be read
 */
export async function readWalk(run: Run, dataset?: Dataset): Promise<Walk | undefined> {
  let snapshots: Awaited<ReturnType<typeof readSnapshots>>;
  try {
    snapshots = await readSnapshots(run);
  } catch (error) {
    // A run of an earlier version, of the closed form, or one that is being written has no path; its report does without.
    if (isUnreadable(error) || !(error instanceof VadiError)) throw error;
    return undefined;
  }
  const last = snapshots.at(-1);
  if (last === undefined || snapshots.length < 3) return undefined;
  const networks = snapshots.map(({ network }) => network);
  return {
    steps: snapshots.map(({ step }) => step),
    distances: networks.map((network) => distance(network, last.network)),
    ...(dataset !== undefined &&
      hasHiddenLayers(last.network) && {
        predictions: await predictionsOf(run, dataset, networks),
      }),
  };
}

function hasHiddenLayers(network: Network): boolean {
  return !isDense(network) || network.length > 1;
}

function distance(one: Network, other: Network): number {
  const difference = combineNetworks(one, other, (a, b) => a - b);
  const squares = parametersOf(difference).map(({ values }) =>
    values.reduce((sum, value) => sum + value * value, 0),
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}

/** The predictions of the first rows by each network, in the units that the run was trained in. */
async function predictionsOf(
  run: Run,
  dataset: Dataset,
  networks: readonly Network[],
): Promise<NonNullable<Walk["predictions"]>> {
  const { x, y, rows } = await rowsOfRun(run, dataset).head(SAMPLE);
  const forward = await createForward(networks[0]!);
  const input = tensor2d(x, [rows, dataset.features]);
  try {
    const predicted: Float32Array[] = [];
    for (const network of networks) {
      forward.replace(parametersOf(network).map(({ values }) => values));
      const output = forward.apply(input);
      predicted.push(await output.data<"float32">());
      output.dispose();
    }
    return { targets: y, predicted };
  } finally {
    input.dispose();
    forward.dispose();
  }
}
