import { formatCount, plainNumber } from "../../common/text/numbers.js";
import type { Dataset } from "../../stream/index.js";

/** Scales that differ more than this make gradient steps slow: those that suit one feature are too short for another. */
const TOLERATED = 100;

/**
 * Suggests to standardise where the features' scales differ more than a hundredfold in some rows: their standard
 * deviations or their sizes.
 */
export function differentScalesWarnings(
  { features, featureNames }: Dataset,
  { x, rows }: { x: Float64Array; rows: number },
): string[] {
  const moments = featureNames.map((name, column) => ({
    name,
    ...momentsOf(x, column, features, rows),
  }));
  const found = [
    contrast(moments.map(({ name, deviation }) => ({ name, value: deviation }))),
    contrast(moments.map(({ name, size }) => ({ name, value: size }))),
  ].toSorted((one, other) => other.ratio - one.ratio)[0]!;
  return found.ratio > TOLERATED ? [sentence(found)] : [];
}

/** The standard deviation and the root mean square of a column. */
function momentsOf(
  x: Float64Array,
  column: number,
  features: number,
  rows: number,
): { deviation: number; size: number } {
  let mean = 0;
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    // Welford (1962).
    const difference = x[row * features + column]! - mean;
    mean += difference / (row + 1);
    squares += difference * (x[row * features + column]! - mean);
  }
  const variance = squares / rows;
  return { deviation: Math.sqrt(variance), size: Math.sqrt(variance + mean * mean) };
}

interface Contrast {
  ratio: number;
  least: { name: string; value: number };
  most: { name: string; value: number };
}

/** The largest of some values against the smallest; those that are zero do not count. */
function contrast(values: readonly { name: string; value: number }[]): Contrast {
  const sorted = values.filter(({ value }) => value > 0).toSorted((a, b) => a.value - b.value);
  const [least = { name: "", value: 1 }] = sorted;
  const most = sorted.at(-1) ?? least;
  return { ratio: most.value / least.value, least, most };
}

/** `0.78`, `570M` */
function rounded(value: number): string {
  return value < 10_000 ? plainNumber(value, 2) : formatCount(value);
}

function sentence({ ratio, least, most }: Contrast): string {
  const [from, to] = [least, most].map(({ name, value }) => `${rounded(value)} (${name})`);
  return `The features' scales differ ${rounded(ratio)}-fold, from ${from} to ${to}; train with --standardize (in the library, standardize: true).`;
}
