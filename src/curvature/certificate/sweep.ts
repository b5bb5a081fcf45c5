import { classify } from "./classify.js";
import { createDoubleDouble } from "./double-double.js";
import { FIELD, RECORD } from "./event-records.js";
import { createIntervalJoiner, type CertifiedInterval } from "./intervals.js";
import { createProfileTracer, type LossProfile } from "./loss-profile.js";
import type { PieceSums } from "./part-pieces.js";
import { magnitudeAt, valueAt } from "./row/polynomials.js";

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

/** Receives what is found on a line, ascending in α. */
export interface SweepTarget {
  interval(interval: CertifiedInterval): void;
  kink(kink: FallingKink): void;
}

/** A line that is followed from kink to kink. */
export interface Sweep {
  /** Goes on with the next events, ascending in where their zones begin. */
  add(records: Float64Array): void;
  finish(): { counts: KinkCounts; profile: LossProfile };
}

/**
 * Follows the mean of the rows' squared errors from kink to kink. Zones that overlap, as those of several
 * rows in one place, are taken together: the slope falls there if the sum of its changes is negative.
 *
 * @param begin the sums of all rows at the begin of the line
 * @param events how many there are
 */
export function createSweep(
  line: { from: number; to: number },
  begin: PieceSums,
  events: number,
  target: SweepTarget,
): Sweep {
  const { from, to } = line;
  const { rows } = begin;
  const reach = Math.max(Math.abs(from), Math.abs(to));
  const sums = Array.from({ length: 5 }, createDoubleDouble);
  for (const [k, sum] of sums.entries()) {
    sum.add(begin.sums[2 + k]!);
    sum.add(begin.rests[2 + k]!);
  }
  // Each addition of double-double numbers loses less than 2⁻¹⁰² of the magnitude.
  const additions = 2 ** -102 * (events + 2 * rows + 2) * begin.magnitude;
  const error = (1.01 * (1 + rows * 2 ** -52) * (begin.error + additions)) / rows;
  const joiner = createIntervalJoiner((interval) => target.interval(interval));
  const tracer = createProfileTracer(line, {
    loss: begin.sums[0]! / rows,
    slope: begin.sums[1]! / rows,
  });
  const counts: KinkCounts = { falling: 0, rising: 0, undecided: 0 };
  const bend = new Float64Array(5);
  let position = from;
  let cluster = emptyCluster();

  function update(): void {
    for (const [k, sum] of sums.entries()) bend[k] = sum.value / rows;
  }

  /** Goes on to where the next zone begins or this one ends, where zones may change the second derivative. */
  function pass(until: number, low: number, high: number): void {
    const end = Math.min(to, until);
    if (!(end > position)) return;
    classify({ from: position, to: end, bend, error, low, high }, line, joiner);
    tracer.pass(bend, end);
    position = end;
  }

  /** Goes over the zones at once, without a word on the second derivative in them. */
  function skip(until: number): void {
    const end = Math.min(to, until);
    if (!(end > position)) return;
    tracer.pass(bend, end);
    position = end;
  }

  function close(): void {
    if (cluster.events === 0) return;
    pass(cluster.from, 0, 0);
    const [low, high] = [cluster.low / rows, cluster.high / rows];
    const kind = kindOf(cluster, rows * (magnitudeAt(bend, reach) + error));
    counts[kind]++;
    if (kind === "rising") pass(cluster.to, low, high);
    else if (kind === "undecided") {
      const start = position;
      const least = valueAt(bend, start);
      skip(cluster.to);
      const floor = least - 2 * magnitudeAt(bend, reach) + low - error;
      joiner.add({ from: start, to: position, verdict: "undecided", least, error, floor });
    } else {
      if (joiner.verdict !== "negative") joiner.cut();
      skip(cluster.to);
      target.kink(kinkOf(cluster, rows));
    }
    tracer.turn(cluster.jump / rows, cluster.moment / rows);
    for (let at = 0; at < cluster.changes.length; at += 5) {
      for (let k = 0; k < 5; k++) sums[k]!.add(cluster.changes[at + k]!);
    }
    update();
    cluster = emptyCluster();
  }

  update();
  return {
    add(records) {
      for (let at = 0; at < records.length; at += RECORD) {
        if (cluster.events > 0 && records[at + FIELD.from]! > cluster.to) close();
        join(cluster, records, at);
      }
    },
    finish() {
      close();
      pass(to, 0, 0);
      // A zone may reach to the end.
      skip(to);
      joiner.cut();
      return { counts, profile: tracer.profile };
    },
  };
}

/** Events whose zones overlap. */
interface Cluster {
  events: number;
  from: number;
  to: number;
  /** The sums over them. */
  low: number;
  high: number;
  jump: number;
  jumpError: number;
  /** Of the jumps, each times its place. */
  moment: number;
  /** Whether each of them certainly rises. */
  rises: boolean;
  /** Of each, the five coefficients of the change of the second derivative. */
  changes: number[];
  /** The one whose slope falls most. */
  most: { jump: number; row: number; layer: number; unit: number };
}

function emptyCluster(): Cluster {
  return {
    events: 0,
    from: 0,
    to: -Infinity,
    low: 0,
    high: 0,
    jump: 0,
    jumpError: 0,
    moment: 0,
    rises: true,
    changes: [],
    most: { jump: Infinity, row: 0, layer: 0, unit: 0 },
  };
}

function join(cluster: Cluster, records: Float64Array, at: number): void {
  const [jump, jumpError] = [records[at + FIELD.jump]!, records[at + FIELD.jumpError]!];
  if (cluster.events === 0) cluster.from = records[at + FIELD.from]!;
  cluster.events++;
  cluster.to = Math.max(cluster.to, records[at + FIELD.to]!);
  cluster.low += records[at + FIELD.low]!;
  cluster.high += records[at + FIELD.high]!;
  cluster.jump += jump;
  cluster.jumpError += jumpError;
  cluster.moment += (jump * (records[at + FIELD.from]! + records[at + FIELD.to]!)) / 2;
  cluster.rises &&= jump >= jumpError;
  for (let k = 0; k < 5; k++) cluster.changes.push(records[at + FIELD.change + k]!);
  if (jump >= cluster.most.jump) return;
  const [row, layer, unit] = records.subarray(at + FIELD.row, at + FIELD.row + 3);
  cluster.most = { jump, row: row!, layer: layer!, unit: unit! };
}

/** @param bend a bound of the second derivative of the sum before the cluster */
function kindOf(cluster: Cluster, bend: number): keyof KinkCounts {
  if (cluster.rises) return "rising";
  const width = cluster.to - cluster.from;
  const several = cluster.events > 1 ? width * (bend + cluster.high) : 0;
  return cluster.jump < -(1.01 * cluster.jumpError + several) ? "falling" : "undecided";
}

function kinkOf(cluster: Cluster, rows: number): FallingKink {
  const { row, layer, unit } = cluster.most;
  return {
    alpha: (cluster.from + cluster.to) / 2,
    slopeChange: cluster.jump / rows,
    bound: (1.01 * cluster.jumpError) / rows,
    row,
    layer,
    unit,
  };
}
