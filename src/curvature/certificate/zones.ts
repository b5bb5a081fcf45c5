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

/**
 * The zones of a unit on a part of the line, which a vertex of the quadratic divides into monotone parts.
 *
 * @param error twice what bounds the difference between the quadratic, as it is evaluated, and the exact pre-activation
 * @param zones are added here, ascending, and joined with one that ends where the part begins
 */
export function addZones(part: QuadraticPart, error: number, zones: Zone[]): void {
  const { from, to, q1, q2 } = part;
  const vertex = q2 === 0 ? NaN : -q1 / (2 * q2);
  if (vertex > from && vertex < to) {
    addMonotone(part, from, vertex, error, zones);
    addMonotone(part, vertex, to, error, zones);
  } else addMonotone(part, from, to, error, zones);
}

function at({ q0, q1, q2 }: QuadraticPart, alpha: number): number {
  return (q2 * alpha + q1) * alpha + q0;
}

function addMonotone(
  part: QuadraticPart,
  from: number,
  to: number,
  error: number,
  zones: Zone[],
): void {
  const [left, right] = [at(part, from), at(part, to)];
  const open = zones.at(-1);
  // The part before may have ended without a certain state.
  if (open !== undefined && open.to >= from && Math.abs(left) > error) open.after = left > 0;
  if ((left > error && right > error) || (left < -error && right < -error)) return;
  let low = from;
  let high = to;
  if (Math.abs(left) > error) low = lastCertain(part, from, to, error);
  if (Math.abs(right) > error) high = -lastCertain(mirrored(part), -to, -from, error);
  if (high < low) [low, high] = [high, low];
  // An end that is not certain has the state of what lies before it, or else of the other side.
  const before = Math.abs(left) > error ? left > 0 : undefined;
  const after = Math.abs(right) > error ? right > 0 : undefined;
  if (open !== undefined && open.to >= low) {
    open.to = Math.max(open.to, high);
    if (after !== undefined) open.after = after;
    return;
  }
  const state = before ?? open?.after ?? after ?? right > 0;
  zones.push({ from: low, to: high, before: state, after: after ?? state });
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
