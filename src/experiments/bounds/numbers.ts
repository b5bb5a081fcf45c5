import type { Dataset } from "../../stream/index.js";
import type { HistoryRow } from "../../train/index.js";

/** The true weights of a linear dataset. */
export function trueWeightsOf(dataset: Dataset): number[] {
  const { manifest } = dataset;
  if (manifest.kind !== "lsm") throw new Error("Only linear data has a vector of true weights.");
  return manifest.truth.w;
}

/** The standard deviation of the noise in a synthetic dataset. */
export function noiseOf({ manifest }: Dataset): number {
  if (!("noise" in manifest)) throw new Error("Only the manifest of synthetic data has the noise.");
  return manifest.noise;
}

/** max |a − b| over the entries. */
export function largestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

/** The last logged loss of every `every`th epoch. */
export function lossesEvery(
  history: readonly HistoryRow[],
  every: number,
): { epoch: number; loss: number }[] {
  const last = new Map<number, number>();
  for (const { epoch, loss } of history) {
    if (epoch % every === every - 1) last.set(epoch + 1, loss);
  }
  return [...last].map(([epoch, loss]) => ({ epoch, loss }));
}
