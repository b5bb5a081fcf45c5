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
  /** The least of the second derivatives at the ends of its pieces. */
  least: number;
  /** A bound of the rounding error of that. */
  bound: number;
}

/** Joins pieces to intervals. */
export interface IntervalJoiner {
  /** Adds a piece that begins where the last one ended. */
  add(from: number, to: number, verdict: Verdict, least: number, bound: number): void;
  /** Ends the current interval: what comes next is not convex with it. */
  cut(): void;
  finish(): CertifiedInterval[];
  /** The verdict of the current interval. */
  readonly verdict: Verdict | undefined;
}

export function createIntervalJoiner(): IntervalJoiner {
  const intervals: CertifiedInterval[] = [];
  let current: CertifiedInterval | undefined;
  const cut = (): void => {
    if (current !== undefined) intervals.push(current);
    current = undefined;
  };
  return {
    get verdict() {
      return current?.verdict;
    },
    add(from, to, verdict, least, bound) {
      if (current?.verdict === verdict) {
        current.to = to;
        if (least < current.least) [current.least, current.bound] = [least, bound];
        return;
      }
      cut();
      current = { from, to, verdict, least, bound };
    },
    cut,
    finish() {
      cut();
      return intervals;
    },
  };
}
