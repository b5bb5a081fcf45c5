import { createDoubleDouble } from "./double-double.js";
import type { EventStore } from "./event-store.js";
import { createIntervalJoiner, type CertifiedInterval, type IntervalJoiner } from "./intervals.js";
import { derivativeOf, magnitudeAt, UNIT, valueAt } from "./polynomials.js";

/** A piece is not divided further than this fraction of the line. */
const NARROWEST = 2 ** -40;

/** The pieces of the rows' squared errors on an interval of a line. */
export interface LinePieces {
  from: number;
  to: number;
  rows: number;
  /** Of the sum over rows, the second derivative at the begin: a quartic's coefficients. */
  bend: readonly number[];
  /** Bounds of the sum's rounding error and of its magnitude. */
  error: number;
  magnitude: number;
  events: EventStore;
}

/** Where the slope of the mean loss falls. */
export interface FallingKink {
  alpha: number;
  /** By how much, and a bound of the error of that. */
  slopeChange: number;
  bound: number;
  /** The row of the dataset whose unit switches there (of several, the one that falls most), its hidden layer from 1, and its number from 0. */
  row: number;
  layer: number;
  unit: number;
}

/** How many kinks of the mean loss there are. */
export interface KinkCounts {
  falling: number;
  rising: number;
  /** Whose sign the bound of rounding does not tell. */
  undecided: number;
}

/** What is known of the mean loss on an interval of a line. */
export interface SweptLine {
  /** Ascending. */
  intervals: CertifiedInterval[];
  /** Those that fall, ascending. */
  kinks: FallingKink[];
  counts: KinkCounts;
}

/**
 * Follows the mean of the rows' squared errors from kink to kink. Zones that overlap, as those of several
 * rows in one place, are taken together: the slope falls there if the sum of its changes is negative.
 */
export function sweepLine(pieces: LinePieces): SweptLine {
  const { from, to, rows, events } = pieces;
  const reach = Math.max(Math.abs(from), Math.abs(to));
  const sums = Array.from({ length: 5 }, () => createDoubleDouble());
  for (const [k, sum] of sums.entries()) sum.add(pieces.bend[k]!);
  const changes = Array.from({ length: 5 }, (_, k) => events.change(k));
  const joiner = createIntervalJoiner();
  const error = (1.01 * (pieces.error + 2 ** -90 * pieces.magnitude)) / rows;
  const narrowest = NARROWEST * (to - from);
  const counts: KinkCounts = { falling: 0, rising: 0, undecided: 0 };
  const kinks: FallingKink[] = [];
  let position = from;
  const pass = (until: number, low: number, high: number): void => {
    const end = Math.min(to, until);
    if (!(end > position)) return;
    const bend = Float64Array.from(sums, ({ value }) => value / rows);
    classify({ bend, error, low, high, reach, narrowest }, position, end, joiner);
    position = end;
  };
  for (const cluster of clustersOf(events)) {
    pass(cluster.from, 0, 0);
    const [low, high] = [cluster.low / rows, cluster.high / rows];
    const bend = Float64Array.from(sums, ({ value }) => value / rows);
    const kind = kindOf(cluster, rows * (magnitudeAt(bend, reach) + error));
    counts[kind]++;
    if (kind === "rising") pass(cluster.to, low, high);
    else if (kind === "undecided") {
      const end = Math.min(to, cluster.to);
      joiner.add(position, Math.max(position, end), "undecided", valueAt(bend, end), error - low);
      position = Math.max(position, end);
    } else {
      if (joiner.verdict !== "negative") joiner.cut();
      position = Math.max(position, Math.min(to, cluster.to));
      kinks.push(kinkOf(cluster, events, rows));
    }
    for (const event of cluster.events) {
      for (const [k, sum] of sums.entries()) sum.add(changes[k]![event]!);
    }
  }
  pass(to, 0, 0);
  return { intervals: joiner.finish(), kinks, counts };
}

/** Events whose zones overlap. */
interface Cluster {
  from: number;
  to: number;
  events: number[];
  /** The sums over them. */
  low: number;
  high: number;
  jump: number;
  jumpError: number;
  /** Whether each of them certainly rises. */
  rises: boolean;
}

/** @yields the events in groups whose zones overlap, ascending */
function* clustersOf(events: EventStore): Generator<Cluster, void, void> {
  const [starts, ends] = [events.column("from"), events.column("to")];
  const [lows, highs] = [events.column("low"), events.column("high")];
  const [jumps, errors] = [events.column("jump"), events.column("jumpError")];
  let cluster: Cluster | undefined;
  for (const event of sortedBy(starts)) {
    if (cluster === undefined || starts[event]! > cluster.to) {
      if (cluster !== undefined) yield cluster;
      const [from, to] = [starts[event]!, ends[event]!];
      cluster = { from, to, events: [], low: 0, high: 0, jump: 0, jumpError: 0, rises: true };
    }
    cluster.events.push(event);
    cluster.to = Math.max(cluster.to, ends[event]!);
    cluster.low += lows[event]!;
    cluster.high += highs[event]!;
    cluster.jump += jumps[event]!;
    cluster.jumpError += errors[event]!;
    cluster.rises &&= jumps[event]! >= errors[event]!;
  }
  if (cluster !== undefined) yield cluster;
}

/** @param bend a bound of the second derivative of the sum before the cluster */
function kindOf(cluster: Cluster, bend: number): keyof KinkCounts {
  if (cluster.rises) return "rising";
  const width = cluster.to - cluster.from;
  const several = cluster.events.length > 1 ? width * (bend + cluster.high) : 0;
  return cluster.jump < -(1.01 * cluster.jumpError + several) ? "falling" : "undecided";
}

function kinkOf(cluster: Cluster, events: EventStore, rows: number): FallingKink {
  const jumps = events.column("jump");
  const most = cluster.events.reduce((one, other) => (jumps[other]! < jumps[one]! ? other : one));
  return {
    alpha: (cluster.from + cluster.to) / 2,
    slopeChange: cluster.jump / rows,
    bound: (1.01 * cluster.jumpError) / rows,
    row: events.rows[most]!,
    layer: events.layers[most]!,
    unit: events.units[most]!,
  };
}

interface Piece {
  /** The second derivative of the mean, a quartic. */
  bend: Float64Array;
  error: number;
  /** What the zones that hold the piece may take away and add. */
  low: number;
  high: number;
  reach: number;
  narrowest: number;
}

/** Divides a piece until the sign of its second derivative is known. */
function classify(piece: Piece, from: number, to: number, joiner: IntervalJoiner): void {
  const { bend, reach } = piece;
  const error = 1.01 * piece.error + 24 * UNIT * magnitudeAt(bend, reach);
  const slope = 1.01 * magnitudeAt(derivativeOf(bend), reach);
  const divide = (start: number, end: number): void => {
    const [left, right] = [valueAt(bend, start), valueAt(bend, end)];
    const least = Math.min(left, right);
    const spread = (slope * (end - start)) / 2;
    // Between its ends it lies at most `spread` beyond them.
    if (least - spread - error + piece.low >= 0) joiner.add(start, end, "convex", least, error);
    else if (Math.max(left, right) + spread + error + piece.high < 0) {
      joiner.add(start, end, "negative", least, error);
    } else if (end - start <= piece.narrowest) joiner.add(start, end, "undecided", least, error);
    else {
      const middle = (start + end) / 2;
      divide(start, middle);
      divide(middle, end);
    }
  };
  divide(from, to);
}

/** The places of some numbers in ascending order. */
function sortedBy(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).toSorted((one, other) => values[one]! - values[other]!);
}
