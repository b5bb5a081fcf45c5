import type { DenseNetwork } from "../../model/index.js";
import type { NumberedRows } from "./line-pieces.js";
import { UNIT } from "./polynomials.js";

/**
 * The second derivative of a linear model's mean loss along a direction, 2·mean(q²) with q = x·v, and a
 * bound of its rounding error. It is not negative whatever the rounding, since its terms are squares.
 */
export async function linearBend(
  direction: DenseNetwork,
  source: AsyncIterable<NumberedRows>,
): Promise<{ bend: number; bound: number }> {
  const [{ weights, bias, inputs }] = direction as [DenseNetwork[number]];
  let [sum, sizes, rows] = [0, 0, 0];
  for await (const batch of source) {
    for (let row = 0; row < batch.rows; row++) {
      let q = bias?.[0] ?? 0;
      let size = Math.abs(q);
      for (let feature = 0, at = row * inputs; feature < inputs; feature++, at++) {
        const term = batch.x[at]! * weights[feature]!;
        q += term;
        size += Math.abs(term);
      }
      sum += q * q;
      sizes += size * size;
    }
    rows += batch.rows;
  }
  const roundings = 2 * (inputs + 2) + rows + 4;
  return { bend: (2 * sum) / rows, bound: (1.01 * roundings * UNIT * 2 * sizes) / rows };
}
