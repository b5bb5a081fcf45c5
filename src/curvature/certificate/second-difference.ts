import { FIELD, RECORD } from "./event-records.js";
import type { PieceSums } from "./part-pieces.js";

/**
 * The second difference of the mean loss over a line, L(from) − 2L(middle) + L(to), divided by the square of
 * half its length h: what the second derivative L″ is on average, and what the kinks add to it.
 */
export interface SecondDifference {
  /** (row, unit) pairs that switch on the line, each time they do. */
  switches: number;
  quotient: number;
  /** The part of the quotient that the kinks make: Σ (change of the slope)·(h − distance from the middle)/h². */
  fromKinks: number;
}

/** What events add to a second difference, before it is divided. */
export interface EventSums {
  /** How many they are. */
  switches: number;
  /** The part between kinks. */
  smooth: number;
  /** The part of the kinks. */
  kinks: number;
}

/** Where a line begins and ends. */
interface Ends {
  from: number;
  to: number;
}

/** Adds up a second difference from the events of a line, in any order. */
export interface SecondDifferenceSum {
  add(records: Float64Array): void;
  /** Of all events so far. */
  readonly sums: EventSums;
  /** @param begin the sums of all rows at the begin of the line */
  finish(begin: PieceSums): SecondDifference;
}

/**
 * With w(α) = h − |α − middle|, the second difference is ∫ w·L″ plus the sum of the changes of the slope at
 * kinks, each times w. Between kinks L″ is a quartic, and so the integral has a closed form.
 */
export function createSecondDifference(line: Ends): SecondDifferenceSum {
  const middle = (line.from + line.to) / 2;
  const half = (line.to - line.from) / 2;
  const rest = createRest(line);
  const sums: EventSums = { switches: 0, smooth: 0, kinks: 0 };
  return {
    add(records) {
      for (let at = 0; at < records.length; at += RECORD) {
        const alpha = (records[at + FIELD.from]! + records[at + FIELD.to]!) / 2;
        sums.switches++;
        sums.smooth += rest(records, at + FIELD.change, alpha);
        sums.kinks += records[at + FIELD.jump]! * (half - Math.abs(alpha - middle));
      }
    },
    sums,
    finish: (begin) => secondDifferenceOf(line, sums, begin),
  };
}

/**
 * A second difference from the sums over all events.
 *
 * @param begin the sums of all rows at the begin of the line
 */
export function secondDifferenceOf(
  line: Ends,
  { switches, smooth, kinks }: EventSums,
  { rows, sums }: Pick<PieceSums, "rows" | "sums">,
): SecondDifference {
  const half = (line.to - line.from) / 2;
  const whole = smooth + createRest(line)(sums, 2, line.from);
  const scale = rows * half * half;
  return { switches, quotient: (whole + kinks) / scale, fromKinks: kinks / scale };
}

/** Gives ∫ w·p from a place to the end of the line. */
function createRest(
  line: Ends,
): (coefficients: ArrayLike<number>, first: number, alpha: number) => number {
  const middle = (line.from + line.to) / 2;
  const half = (line.to - line.from) / 2;
  const centred = new Float64Array(5);

  /** @param first of the five coefficients of p */
  function rest(coefficients: ArrayLike<number>, first: number, alpha: number): number {
    for (let k = 0; k < 5; k++) centred[k] = coefficients[first + k]!;
    for (let start = 0; start < 4; start++) {
      for (let k = 3; k >= start; k--) centred[k]! += middle * centred[k + 1]!;
    }
    return primitive(half) - primitive(alpha - middle);
  }

  function primitive(place: number): number {
    const sign = place < 0 ? 1 : -1;
    let sum = 0;
    let power = place;
    for (let k = 0; k < 5; k++) {
      sum += centred[k]! * power * (half / (k + 1) + (sign * place) / (k + 2));
      power *= place;
    }
    return sum;
  }

  return rest;
}
