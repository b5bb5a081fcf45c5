import { breather } from "../common/pause.js";
import type { Line, SliceMethod } from "./method.js";

/** Rows a part; between parts the event loop may go round. */
const partRows = 65_536;

/**
 * The linear model: with r = x·c − y the residual at the centre and q = x·v, the loss at every point
 * is (Σr² + 2αΣrq + α²Σq²)/n, so that points cost nothing. It is exact up to float64 rounding, and
 * free of the cancellation that wᵀXᵀXw − 2wᵀXᵀy + yᵀy suffers near the optimum.
 */
export function linearSums(line: Line): SliceMethod {
  const centre = Float64Array.from(line.centre[0]!.weights);
  const direction = Float64Array.from(line.direction[0]!.weights);
  return {
    name: "linear-sums",
    parallel: 1,
    async losses({ x, y, rows }, signal) {
      const breathe = breather(signal);
      const sums: Sums = { rr: 0, rq: 0, qq: 0 };
      for (let from = 0; from < rows; from += partRows) {
        addSums(sums, centre, direction, x, y, from, Math.min(rows, from + partRows));
        await breathe();
      }
      return line.alphas.map((alpha) => lossAt(sums, alpha, rows));
    },
    dispose() {},
  };
}

interface Sums {
  /** Σr² */
  rr: number;
  /** Σrq */
  rq: number;
  /** Σq² */
  qq: number;
}

function lossAt({ rr, rq, qq }: Sums, alpha: number, rows: number): number {
  // A sum of squares cannot be negative; rounding can make its last digits so. What overflows in
  // between (∞ − ∞) is a loss that overflows.
  const loss = (rr + alpha * (2 * rq + alpha * qq)) / rows;
  return Number.isNaN(loss) && !Number.isNaN(rr + qq) ? Infinity : Math.max(0, loss);
}

/** Adds r², rq and q² of the rows from … to−1. Products of float32 numbers are exact in float64. */
function addSums(
  sums: Sums,
  centre: Float64Array,
  direction: Float64Array,
  x: Float32Array,
  y: Float32Array,
  from: number,
  to: number,
): void {
  const features = centre.length;
  let { rr, rq, qq } = sums;
  let at = from * features;
  for (let row = from; row < to; row++) {
    let r = -y[row]!;
    let q = 0;
    for (let feature = 0; feature < features; feature++) {
      const value = x[at++]!;
      r += value * centre[feature]!;
      q += value * direction[feature]!;
    }
    rr += r * r;
    rq += r * q;
    qq += q * q;
  }
  sums.rr = rr;
  sums.rq = rq;
  sums.qq = qq;
}
