import { usageError } from "../../common/errors.js";
import type { ColumnScales } from "../../storage/index.js";
import type { ColumnStatistics, Statistics } from "./types.js";

/** A column's values become (value − mean) / scale. */
export interface ColumnScaling {
  name: string;
  mean: number;
  /** The standard deviation; 1 for a constant column. */
  scale: number;
}

/** The numbers with which a table is standardised. */
export interface Standardization {
  /** D columns, in the table's order. */
  features: ColumnScaling[];
  /** null: the target stays as it is. */
  target: ColumnScaling | null;
}

function scalingOf({ name, mean, variance }: ColumnStatistics): ColumnScaling {
  const deviation = Math.sqrt(variance);
  // A constant column becomes 0 rather than NaN.
  return { name, mean, scale: deviation > 0 ? deviation : 1 };
}

/**
 * The standardisation that gives every column mean 0 and standard deviation 1.
 *
 * @param options.target whether the target is standardised as well; default true
 */
export function standardizationOf(
  statistics: Statistics,
  options: { target?: boolean } = {},
): Standardization {
  return {
    features: statistics.features.map(scalingOf),
    target: options.target === false ? null : scalingOf(statistics.target),
  };
}

/**
 * The numbers that a shard's reader subtracts and divides by, in float64, before values are rounded
 * to float32: D features and then the target.
 *
 * @throws a usage error where they do not fit the table
 */
export function columnScales(
  { features, target }: Standardization,
  names: readonly string[],
): ColumnScales {
  if (features.length !== names.length) {
    throw usageError(
      `The standardisation has ${features.length} features, but the table has ${names.length}.`,
    );
  }
  const other = features.find(({ name }, index) => name !== names[index]);
  if (other !== undefined) {
    throw usageError(
      `The standardisation has feature '${other.name}' where the table has another.`,
    );
  }
  const columns = [...features, target ?? { name: "", mean: 0, scale: 1 }];
  const wrong = columns.find(
    ({ mean, scale }) => !Number.isFinite(mean) || !Number.isFinite(scale) || scale === 0,
  );
  if (wrong !== undefined) {
    throw usageError(
      `Column '${wrong.name}' cannot be standardised with mean ${wrong.mean} and scale ${wrong.scale}.`,
    );
  }
  return { mean: columns.map(({ mean }) => mean), scale: columns.map(({ scale }) => scale) };
}

/**
 * Features standardised in float64 and rounded to float32, as networks take them.
 *
 * @param x rows × D, row-major, as the source has them
 * @param columns D of them
 */
export function standardizedFeatures(
  x: Float64Array,
  columns: readonly ColumnScaling[],
): Float32Array {
  return Float32Array.from(x, (value, at) => {
    const { mean, scale } = columns[at % columns.length]!;
    return (value - mean) / scale;
  });
}
