import { breather } from "../common/pause.js";
import { pointsOf } from "./method.js";
import type { Grid, SliceMethod } from "./method.js";

/** Rows a part; between parts the event loop may go round. */
const partRows = 65_536;

/**
 * The linear model: with r = x·c − y the residual at the centre, q = x·v and s = x·u, the loss at
 * every point is the mean of (r + αq + βs)², so that the sums of r², rq, q², and of a plane also of
 * rs, qs and s², give any number of points. It is exact up to float64 rounding, and free of the
 * cancellation that wᵀXᵀXw − 2wᵀXᵀy + yᵀy suffers near the optimum.
 */
export function linearSums(grid: Grid): SliceMethod {
  // The bias last, as the weight of an input of 1.
  const [centre, first, second] = [grid.centre, ...grid.directions].map(([layer]) =>
    Float64Array.of(...layer!.weights, layer!.bias?.[0] ?? 0),
  );
  return {
    name: "linear-sums",
    simd: "none",
    parallel: 1,
    async losses({ x, y, rows }, signal) {
      const breathe = breather(signal);
      const sums: Sums = { rr: 0, rq: 0, qq: 0, rs: 0, qs: 0, ss: 0 };
      for (let from = 0; from < rows; from += partRows) {
        addSums(sums, centre!, first!, second, x, y, from, Math.min(rows, from + partRows));
        await breathe();
      }
      const losses = new Float64Array(pointsOf(grid));
      let point = 0;
      for (const beta of grid.betas) {
        for (const alpha of grid.alphas) losses[point++] = lossAt(sums, alpha, beta, rows);
      }
      return losses;
    },
    dispose() {},
  };
}

/** Sums over rows of the products of r, q and s. */
interface Sums {
  rr: number;
  rq: number;
  qq: number;
  rs: number;
  qs: number;
  ss: number;
}

function lossAt(sums: Sums, alpha: number, beta: number, rows: number): number {
  const { rr, rq, qq, rs, qs, ss } = sums;
  // A sum of squares cannot be negative; rounding can make its last digits so. What overflows in
  // between (∞ − ∞) is a loss that overflows.
  const line = rr + alpha * (2 * rq + alpha * qq);
  const loss =
    beta === 0 ? line / rows : (line + beta * (2 * (rs + alpha * qs) + beta * ss)) / rows;
  return Number.isNaN(loss) && !Number.isNaN(rr + qq + ss) ? Infinity : Math.max(0, loss);
}

/** Adds the products of the rows from … to−1. Products of float32 numbers are exact in float64. */
function addSums(
  sums: Sums,
  centre: Float64Array,
  first: Float64Array,
  second: Float64Array | undefined,
  x: Float32Array,
  y: Float32Array,
  from: number,
  to: number,
): void {
  const features = centre.length - 1;
  let { rr, rq, qq, rs, qs, ss } = sums;
  let at = from * features;
  for (let row = from; row < to; row++) {
    let r = centre[features]! - y[row]!;
    let q = first[features]!;
    let s = second === undefined ? 0 : second[features]!;
    for (let feature = 0; feature < features; feature++) {
      const value = x[at++]!;
      r += value * centre[feature]!;
      q += value * first[feature]!;
      if (second !== undefined) s += value * second[feature]!;
    }
    rr += r * r;
    rq += r * q;
    qq += q * q;
    rs += r * s;
    qs += q * s;
    ss += s * s;
  }
  Object.assign(sums, { rr, rq, qq, rs, qs, ss });
}
