import type { IntervalJoiner } from "./intervals.js";
import { derivativeOf, magnitudeAt, UNIT, valueAt } from "./row/polynomials.js";

/** A piece is not divided further than this fraction of the line. */
const NARROWEST = 2 ** -40;
/** A piece whose least second derivative is of interest is divided until it is known to this fraction. */
const CLOSE = 1e-3;

/** A part of a line on which the second derivative of the mean loss is one polynomial, as far as is known. */
export interface BendPiece {
  from: number;
  to: number;
  /** A quartic. */
  bend: Float64Array;
  /** A bound of its error. */
  error: number;
  /** What the zones that hold the piece may take away and add. */
  low: number;
  high: number;
}

/**
 * Divides a piece until the sign of its second derivative is known, or cannot be.
 *
 * @param line the whole line
 */
export function classify(
  piece: BendPiece,
  line: { from: number; to: number },
  joiner: IntervalJoiner,
): void {
  const { bend, low, high } = piece;
  const reach = Math.max(Math.abs(line.from), Math.abs(line.to));
  const narrowest = NARROWEST * (line.to - line.from);
  const error = 1.01 * piece.error + 24 * UNIT * magnitudeAt(bend, reach);
  const slope = 1.01 * magnitudeAt(derivativeOf(bend), reach);
  const divide = (from: number, to: number): void => {
    const [left, right] = [valueAt(bend, from), valueAt(bend, to)];
    // Between its ends the polynomial lies at most `spread` beyond them.
    const spread = (slope * (to - from)) / 2;
    const least = Math.min(left, right);
    const floor = least - spread - error + low;
    const ceiling = Math.max(left, right) + spread + error + high;
    const isHopeless =
      least - spread + error + high >= 0 && Math.max(left, right) + spread - error + low < 0;
    const isNarrow = to - from <= narrowest;
    const verdict = floor >= 0 ? "convex" : ceiling < 0 ? "negative" : "undecided";
    if (verdict === "undecided" ? isHopeless || isNarrow : isNarrow || isClose()) {
      joiner.add({ from, to, verdict, least, error: error - low, floor });
      return;
    }
    const middle = (from + to) / 2;
    divide(from, middle);
    divide(middle, to);

    function isClose(): boolean {
      if (spread <= error + CLOSE * Math.abs(least)) return true;
      return joiner.verdict === verdict && least - spread >= joiner.least!;
    }
  };
  divide(piece.from, piece.to);
}
