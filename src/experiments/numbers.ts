import type { Dataset } from "../stream/index.js";
import type { HistoryRow, Run } from "../train/index.js";

/** The true weights of a linear dataset. */
export function trueWeights(dataset: Dataset): number[] {
  const { manifest } = dataset;
  if (manifest.kind !== "lsm")
    throw new Error("Only the linear data has one vector of true weights.");
  return manifest.truth.w;
}

/** The standard deviation of the noise in a synthetic dataset. */
export function noiseOf({ manifest }: Dataset): number {
  if (!("noise" in manifest)) throw new Error("Only synthetic data says how noisy it is.");
  return manifest.noise;
}

/** The weights that a linear run ended with. */
export function trainedWeights(run: Run): number[] {
  const weights = run.record.result?.weights;
  if (weights === undefined) throw new Error("A finished linear run has its weights.");
  return weights;
}

/** max |a − b| over the entries. */
export function largestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

/**
 * How far an entry of the least-squares estimate may be from the true weight: five standard
 * deviations noise·√((XᵀX)⁻¹), where XᵀX ≥ N(1 − √(D/N))²·I up to the same five deviations for
 * standard normal X (Davidson and Szarek 2001, theorem II.13). It is exceeded by
 * chance less than once in a million entries. Infinite where N ≤ D.
 */
export function estimateBound(rows: number, features: number, noise: number): number {
  const smallest = 1 - Math.sqrt(features / rows) - 5 / Math.sqrt(rows);
  return smallest > 0 ? (5 * noise) / (Math.sqrt(rows) * smallest) : Infinity;
}

/** The logged losses at the end of every `every` epochs. */
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
