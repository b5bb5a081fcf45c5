import { UNIT } from "./polynomials.js";

/*
 * Where the sign of a unit's pre-activation is not certain. A computed pre-activation is within some bound
 * of the exact one, so that its sign is known wherever it is farther from 0 than that.
 */

/** An interval of α in which a unit may switch. Outside of zones, its sign is certain. */
export interface Zone {
  from: number;
  to: number;
  /** Whether the unit is on before and after; the same where it may only touch 0. */
  before: boolean;
  after: boolean;
}

/** A part of a unit's pre-activation on which it is the quadratic q0 + q1·α + q2·α². */
interface QuadraticPart {
  from: number;
  to: number;
  q0: number;
  q1: number;
  q2: number;
}

/** What is known of a unit from the begin of the line on. */
export interface UnitZones {
  /** Ascending. */
  zones: Zone[];
  /** Whether the unit is on where its state was certain last; undefined before that. */
  isOn: boolean | undefined;
}

/**
 * Adds the zones of a unit on a part of the line, which a vertex of the quadratic divides into monotone
 * parts. A zone that begins where the last one ends is joined with it.
 *
 * @param error twice what bounds the difference between the quadratic, as it is evaluated, and the exact pre-activation
 * @param unit with its zones on the parts before
 */
export function addZones(part: QuadraticPart, error: number, unit: UnitZones): void {
  const { from, to, q1, q2 } = part;
  const vertex = q2 === 0 ? NaN : -q1 / (2 * q2);
  if (vertex > from && vertex < to) {
    addMonotone(part, from, vertex, error, unit);
    addMonotone(part, vertex, to, error, unit);
  } else addMonotone(part, from, to, error, unit);
}

function at({ q0, q1, q2 }: QuadraticPart, alpha: number): number {
  return (q2 * alpha + q1) * alpha + q0;
}

function addMonotone(
  part: QuadraticPart,
  from: number,
  to: number,
  error: number,
  unit: UnitZones,
): void {
  const [left, right] = [at(part, from), at(part, to)];
  const [isLeftCertain, isRightCertain] = [Math.abs(left) > error, Math.abs(right) > error];
  const open = unit.zones.at(-1);
  if (isLeftCertain) {
    // The part before may have ended without a certain state.
    if (open !== undefined && open.to >= from) open.after = left > 0;
    unit.isOn = left > 0;
  }
  if (isLeftCertain && isRightCertain && left > 0 === right > 0) return;
  let low = isLeftCertain ? lastCertain(part, from, to, error) : from;
  let high = isRightCertain ? -lastCertain(mirrored(part), -to, -from, error) : to;
  if (high < low) [low, high] = [high, low];
  // At the begin of the line the state before is not known: what lies after it is taken.
  const before = unit.isOn ?? right > 0;
  const after = isRightCertain ? right > 0 : before;
  unit.isOn = isRightCertain ? after : unit.isOn;
  if (open !== undefined && open.to >= low) {
    open.to = Math.max(open.to, high);
    open.after = isRightCertain ? after : open.after;
  } else unit.zones.push({ from: low, to: high, before, after });
}

/** The same part with α reversed. */
function mirrored({ from, to, q0, q1, q2 }: QuadraticPart): QuadraticPart {
  return { from: -to, to: -from, q0, q1: -q1, q2 };
}

/** A point close before the one from which on |q| ≤ error, with |q| > error; q is monotone, and |q(from)| > error. */
function lastCertain(part: QuadraticPart, from: number, to: number, error: number): number {
  const root = rootWithin(part, from, to);
  const slope = Math.abs(part.q1 + 2 * part.q2 * root);
  let pad = (2 * error) / Math.max(slope, Number.MIN_VALUE) + 8 * UNIT * Math.abs(root);
  const sign = Math.sign(at(part, from));
  for (let tries = 0; tries < 60; tries++) {
    const point = root - pad;
    if (!(point > from)) return from;
    if (sign * at(part, point) > error) return point;
    pad *= 2;
  }
  return from;
}

/** A root of a monotone part, or its end that is nearest to one. */
function rootWithin(part: QuadraticPart, from: number, to: number): number {
  const { q0, q1, q2 } = part;
  const inside = (root: number): boolean => root >= from && root <= to;
  const discriminant = q1 * q1 - 4 * q2 * q0;
  if (discriminant >= 0) {
    const half = -0.5 * (q1 + (q1 < 0 ? -1 : 1) * Math.sqrt(discriminant));
    for (const root of [q0 / half, half / q2]) if (inside(root)) return root;
  }
  return Math.abs(at(part, from)) < Math.abs(at(part, to)) ? from : to;
}
