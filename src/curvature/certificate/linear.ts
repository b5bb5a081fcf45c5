import type { DenseNetwork } from "../../model/index.js";
import { UNIT } from "./row/polynomials.js";

/** Rows that are read part by part. */
interface Source {
  parts(): AsyncIterable<Part>;
  release(part: Part): void;
}

interface Part {
  x: Float32Array;
  y: Float32Array;
  rows: number;
}

/** A linear model's mean loss along a line: at α = 0 its value and slope, and everywhere its second derivative. */
export interface LinearLoss {
  loss: number;
  slope: number;
  bend: number;
  /** A bound of the rounding error of `bend`. */
  bound: number;
}

/**
 * The mean loss of a linear model, mean((p + qα − y)²), where q is what the direction predicts. The second
 * derivative 2·mean(q²) is not negative whatever the rounding, since its terms are squares.
 */
export async function linearLoss(
  centre: DenseNetwork,
  direction: DenseNetwork,
  source: Source,
  onRows: (done: number) => void,
): Promise<LinearLoss> {
  const { inputs } = centre[0]!;
  const along = direction[0]!;
  let [loss, slope, sum, sizes, rows] = [0, 0, 0, 0, 0];
  for await (const part of source.parts()) {
    for (let row = 0; row < part.rows; row++) {
      const at = row * inputs;
      const { value: q, size } = weighted(along, part.x, at);
      const rest = weighted(centre[0]!, part.x, at).value - part.y[row]!;
      loss += rest * rest;
      slope += 2 * rest * q;
      sum += q * q;
      sizes += size * size;
    }
    rows += part.rows;
    onRows(rows);
    source.release(part);
  }
  const roundings = 2 * (inputs + 2) + rows + 4;
  return {
    loss: loss / rows,
    slope: slope / rows,
    bend: (2 * sum) / rows,
    bound: (1.01 * roundings * UNIT * 2 * sizes) / rows,
  };
}

/** x·w and the bias, and the sum of the magnitudes. */
function weighted(
  { weights, bias, inputs }: DenseNetwork[number],
  x: Float32Array,
  first: number,
): { value: number; size: number } {
  let value = bias?.[0] ?? 0;
  let size = Math.abs(value);
  for (let feature = 0; feature < inputs; feature++) {
    const term = x[first + feature]! * weights[feature]!;
    value += term;
    size += Math.abs(term);
  }
  return { value, size };
}
