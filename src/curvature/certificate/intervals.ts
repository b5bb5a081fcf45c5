/** Whether a loss is convex: `undecided` where the bound of rounding does not tell. */
export type Verdict = "convex" | "negative" | "undecided";

/** An interval of α. */
export interface CertifiedInterval {
  from: number;
  to: number;
  /**
   * `convex`: the loss is convex on it; `negative`: its second derivative is negative throughout, but for
   * kinks; `undecided`: the bound of rounding does not tell.
   */
  verdict: Verdict;
  /** The least second derivative that was computed on it. */
  least: number;
  /** The least second derivative on it is within this of `least`: rounding, and what lies between the computed points. */
  bound: number;
}

/** What is known of a piece of a line. */
export interface CertifiedPiece {
  from: number;
  to: number;
  verdict: Verdict;
  /** The least second derivative that was computed, and a bound of its rounding error. */
  least: number;
  error: number;
  /** The second derivative is nowhere less. */
  floor: number;
}

/** Joins pieces to intervals. */
export interface IntervalJoiner {
  /** Adds a piece that begins where the last one ended. */
  add(piece: CertifiedPiece): void;
  /** Ends the current interval: what comes next is not convex with it. */
  cut(): void;
  /** The verdict of the current interval, and its least second derivative so far. */
  readonly verdict: Verdict | undefined;
  readonly least: number | undefined;
}

/** @param emit receives each interval once it is complete */
export function createIntervalJoiner(emit: (interval: CertifiedInterval) => void): IntervalJoiner {
  let current: CertifiedPiece | undefined;
  const cut = (): void => {
    if (current === undefined) return;
    const { from, to, verdict, least, error, floor } = current;
    emit({ from, to, verdict, least, bound: Math.max(error, least - floor) });
    current = undefined;
  };
  return {
    get verdict() {
      return current?.verdict;
    },
    get least() {
      return current?.least;
    },
    add(piece) {
      if (current?.verdict !== piece.verdict) {
        cut();
        current = { ...piece };
        return;
      }
      current.to = piece.to;
      current.floor = Math.min(current.floor, piece.floor);
      if (piece.least < current.least) {
        current.least = piece.least;
        current.error = piece.error;
      }
    },
    cut,
  };
}
