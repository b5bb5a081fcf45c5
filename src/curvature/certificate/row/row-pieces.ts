import { createFirstLayer, type FirstLayer, type FirstUnit } from "./first-layer.js";
import type { LineNetwork } from "./line-network.js";
import { derivativeOf, magnitudeAt, squareBend, UNIT, valueAt } from "./polynomials.js";
import { addZones, type UnitZones, type Zone } from "./zones.js";

/** A place where a unit switches for a row, or may touch 0. */
export interface RowEvent extends Zone {
  /** The hidden layer, from 1, and the unit, from 0. */
  layer: number;
  unit: number;
  /** By how much the second derivative of the squared error changes: a quartic's coefficients. */
  change: Float64Array;
  /** How far the second derivative may lie below and above that of the state before, within the zone. */
  low: number;
  high: number;
  /** By how much the slope of the squared error changes, and a bound of the error of that. */
  jump: number;
  jumpError: number;
}

/** A row's squared error along a line. */
export interface RowPieces {
  /** The squared error and its slope at the begin. */
  loss: number;
  slope: number;
  /** The second derivative at the begin: a quartic's coefficients. */
  bend: Float64Array;
  /** A bound of the error of the second derivative, outside of zones. */
  error: number;
  /** A bound of the magnitude of the second derivative. */
  magnitude: number;
  /** Ascending. */
  events: RowEvent[];
}

/**
 * The pieces of a row's squared error on an interval of a line, with bounds of all rounding.
 *
 * A sum that is computed from exact numbers in K roundings a term is within 1.01·K·2⁻⁵³·Σ|terms| of the
 * exact one (Higham, Accuracy and Stability of Numerical Algorithms, §3.1). The sums of magnitudes are
 * polynomials too, the `…Reach`, of which one serves all pieces of a row.
 */
export function createRowPieces(
  network: LineNetwork,
  from: number,
  to: number,
): (x: ArrayLike<number>, y: number) => RowPieces {
  const { first, second } = network;
  const reach = Math.max(Math.abs(from), Math.abs(to));
  const firstLayer = createFirstLayer(network, reach);
  const secondLayer = createSecondLayer(network, firstLayer, reach);
  const on1 = new Uint8Array(first);
  const on2 = new Uint8Array(second);

  return (x, y) => {
    const zones1 = firstLayer.zonesOf(x, from, to);
    on1.fill(0);
    for (const [unit, zone] of zones1.entries()) on1[unit] = zone.isOn ? 1 : 0;
    const switching = eventsOf(
      1,
      zones1.map(({ zone }) => (zone === undefined ? [] : [zone])),
    );
    secondLayer.begin(on1, zones1);
    const zones2 = network.switches ? secondLayer.zonesOf(switching, from, to) : [];
    for (let unit = 0; unit < second; unit++) {
      on2[unit] = !network.switches || zones2[unit]!.isOn ? 1 : 0;
    }
    const events = [
      ...switching,
      ...eventsOf(
        2,
        zones2.map(({ zones }) => zones),
      ),
    ].toSorted((one, other) => one.from + one.to - other.from - other.to);
    return walk(secondLayer, { on2, y, from, reach }, events);
  };
}

interface FoundZone extends Zone {
  layer: number;
  unit: number;
}

function eventsOf(layer: number, zones: readonly (readonly Zone[])[]): FoundZone[] {
  return zones
    .flatMap((own, unit) => own.map((zone) => ({ layer, unit, ...zone })))
    .toSorted((one, other) => one.from + one.to - other.from - other.to);
}

type SecondLayer = ReturnType<typeof createSecondLayer>;

/** The second layer's quadratics of a row, and the predictions that they make. */
function createSecondLayer(network: LineNetwork, below: FirstLayer, reach: number) {
  const { features, first, second, c2, v2, c3, v3, bias3 } = network;
  const quadratics = new Float64Array(3 * second);
  const initial = new Float64Array(3 * second);
  const reaches = new Float64Array(3 * second);
  const errors = new Float64Array(second);
  const roundings = features + 2 * first + 14;
  const kept = new Float64Array(3 * second);
  /** First units that are on, and how many of them at the begin. */
  let count = 0;
  let initialCount = 0;

  /** Adds a first unit to all quadratics, or takes it away. Without units nothing of their rounding is left. */
  function add(unit: number, sign: 1 | -1): void {
    count += sign;
    if (count === 0) return setBiases();
    const [va, vb] = [sign * below.a[unit]!, sign * below.b[unit]!];
    for (let to = 0, at = unit * second; to < second; to++, at++) {
      const [c, v] = [c2.weights[at]!, v2.weights[at]!];
      quadratics[3 * to]! += va * c;
      quadratics[3 * to + 1]! += va * v + vb * c;
      quadratics[3 * to + 2]! += vb * v;
    }
  }

  function setBiases(): void {
    for (let to = 0; to < second; to++) {
      quadratics[3 * to] = c2.bias[to]!;
      quadratics[3 * to + 1] = v2.bias[to]!;
      quadratics[3 * to + 2] = 0;
    }
  }

  function setReaches(units: readonly FirstUnit[]): void {
    const strays = new Float64Array(second);
    for (let to = 0; to < second; to++) {
      reaches[3 * to] = Math.abs(c2.bias[to]!);
      reaches[3 * to + 1] = Math.abs(v2.bias[to]!);
      reaches[3 * to + 2] = 0;
    }
    for (let unit = 0; unit < first; unit++) {
      const [va, vb] = [below.aReach[unit]!, below.bReach[unit]!];
      const { small } = units[unit]!;
      for (let to = 0, at = unit * second; to < second; to++, at++) {
        const [c, v] = [Math.abs(c2.weights[at]!), Math.abs(v2.weights[at]!)];
        reaches[3 * to]! += va * c;
        reaches[3 * to + 1]! += va * v + vb * c;
        reaches[3 * to + 2]! += vb * v;
        strays[to]! += small * (c + reach * v);
      }
    }
    for (let to = 0; to < second; to++) {
      const size = magnitudeAt(reaches.subarray(3 * to, 3 * to + 3), reach);
      errors[to] = 2 * (1.01 * roundings * UNIT * size + 2 * strays[to]!);
    }
  }

  return {
    /** The roundings of a term of the prediction's coefficients. */
    roundings: roundings + second + 6,
    add,
    /** Calls a function that may add and take away units, and takes back what it did. */
    probing(call: () => void): void {
      const before = count;
      kept.set(quadratics);
      call();
      quadratics.set(kept);
      count = before;
    },
    begin(on: Uint8Array, units: readonly FirstUnit[]): void {
      setBiases();
      count = 0;
      for (let unit = 0; unit < first; unit++) {
        if (on[unit] === 1) add(unit, 1);
      }
      initial.set(quadratics);
      initialCount = count;
      setReaches(units);
    },
    /** Where second units switch, and whether they are on at the begin. The quadratics are those of the begin after it. */
    zonesOf(
      switching: readonly FoundZone[],
      from: number,
      to: number,
    ): { isOn: boolean; zones: Zone[] }[] {
      const found = Array.from({ length: second }, (): UnitZones => ({
        zones: [],
        isOn: undefined,
      }));
      const starts = Array.from(
        { length: second },
        (_, unit) => valueAt(quadratics.subarray(3 * unit, 3 * unit + 3), from) > 0,
      );
      let start = from;
      for (let index = 0; index <= switching.length; index++) {
        const next = switching[index];
        const end = next === undefined ? to : middleOf(next, from, to);
        for (let unit = 0; unit < second; unit++) {
          const at = 3 * unit;
          const [q0, q1, q2] = [quadratics[at]!, quadratics[at + 1]!, quadratics[at + 2]!];
          // Without inputs and biases it is 0, and its state makes no difference.
          const isZero = count === 0 && q0 === 0 && q1 === 0;
          if (errors[unit]! > 0 && !isZero) {
            addZones({ from: start, to: end, q0, q1, q2 }, errors[unit]!, found[unit]!);
          }
        }
        if (next === undefined) break;
        if (next.before !== next.after) add(next.unit, next.after ? 1 : -1);
        start = end;
      }
      quadratics.set(initial);
      count = initialCount;
      // Where it is 0, its state makes no difference, and is that before the first zone.
      return found.map(({ zones }, unit) => ({ isOn: zones[0]?.before ?? starts[unit]!, zones }));
    },
    /** The residual's cubic: the prediction of the units that are on, less y. */
    residual(on: Uint8Array, y: number, target: Float64Array): void {
      target[0] = bias3[0] - y;
      target[1] = bias3[1];
      target[2] = 0;
      target[3] = 0;
      for (let unit = 0; unit < second; unit++) {
        if (on[unit] === 0) continue;
        addProduct(quadratics, 3 * unit, c3[unit]!, v3[unit]!, target);
      }
    },
    /** The sums of magnitudes of the residual's coefficients. */
    residualReach(y: number, target: Float64Array): void {
      target[0] = Math.abs(bias3[0]) + Math.abs(y);
      target[1] = Math.abs(bias3[1]);
      target[2] = 0;
      target[3] = 0;
      for (let unit = 0; unit < second; unit++) {
        addProduct(reaches, 3 * unit, Math.abs(c3[unit]!), Math.abs(v3[unit]!), target);
      }
    },
  };
}

/** Adds (q0 + q1·α + q2·α²)(c + v·α). */
function addProduct(q: Float64Array, at: number, c: number, v: number, target: Float64Array): void {
  const [q0, q1, q2] = [q[at]!, q[at + 1]!, q[at + 2]!];
  target[0]! += q0 * c;
  target[1]! += q0 * v + q1 * c;
  target[2]! += q1 * v + q2 * c;
  target[3]! += q2 * v;
}

function middleOf(zone: Zone, from: number, to: number): number {
  return Math.min(to, Math.max(from, (zone.from + zone.to) / 2));
}

interface WalkInput {
  on2: Uint8Array;
  y: number;
  /** Where the line begins, and the largest |α| on it. */
  from: number;
  reach: number;
}

/** Follows a row's squared error from event to event. */
function walk(layer: SecondLayer, input: WalkInput, zones: readonly FoundZone[]): RowPieces {
  const { on2, y, from, reach } = input;
  const bounds = boundsOf(layer, y, reach);
  const start = new Float64Array(4);
  layer.residual(on2, y, start);
  let residual: Float64Array = start;
  let bend = new Float64Array(5);
  squareBend(residual, 1, bend);
  const begin = bend.slice();
  const toggle = ({ layer: own, unit }: FoundZone, on: boolean): void => {
    if (own === 2) on2[unit] = on ? 1 : 0;
    else layer.add(unit, on ? 1 : -1);
  };
  const readOther = (): Float64Array => {
    const other = new Float64Array(4);
    layer.residual(on2, y, other);
    return other;
  };
  const events = clustersOf(zones).map((cluster): RowEvent => {
    const [first] = cluster as [FoundZone];
    const kinks = cluster.filter(({ before, after }) => before !== after);
    // One that may only touch 0: as if it switched.
    const touches = cluster.length === 1 && kinks.length === 0;
    let other!: Float64Array;
    if (touches) {
      layer.probing(() => {
        toggle(first, !first.before);
        other = readOther();
      });
      if (first.layer === 2) toggle(first, first.before);
    } else {
      for (const zone of kinks) toggle(zone, zone.after);
      other = readOther();
    }
    const otherBend = new Float64Array(5);
    squareBend(other, 1, otherBend);
    const difference = otherBend.map((value, k) => value - bend[k]!);
    const zone = { ...first, to: Math.max(...cluster.map(({ to }) => to)) };
    const event: RowEvent = {
      ...zone,
      change: touches ? new Float64Array(5) : difference,
      ...uncertaintyOf(zone, { residual, other, difference }, bounds, touches),
    };
    if (cluster.length > 1) widen(event, bounds);
    if (!touches) [residual, bend] = [other, otherBend];
    return event;
  });
  return {
    loss: valueAt(start, from) ** 2,
    slope: 2 * valueAt(start, from) * slopeAt(start, from),
    bend: begin,
    // Each change of the second derivative is rounded once.
    error: bounds.error + 3 * UNIT * events.length * bounds.bend,
    magnitude: bounds.bend,
    events,
  };
}

/** Joins zones that overlap: which unit switches first there is not known. */
function clustersOf(zones: readonly FoundZone[]): FoundZone[][] {
  const clusters: FoundZone[][] = [];
  let reached = -Infinity;
  for (const zone of zones.toSorted((one, other) => one.from - other.from)) {
    if (zone.from <= reached) clusters.at(-1)!.push(zone);
    else clusters.push([zone]);
    reached = Math.max(reached, zone.to);
  }
  return clusters;
}

/** Of several units in one place, only the sum of their jumps is known, and nothing of the order. */
function widen(event: RowEvent, { bend }: Bounds): void {
  event.low -= 2 * bend;
  event.high += 2 * bend;
  event.jumpError += (event.to - event.from) * 2 * bend;
  if (event.jump >= -event.jumpError) {
    event.jumpError = Math.max(event.jumpError, 1.01 * Math.abs(event.jump));
  }
}

interface Bounds {
  /** Of the residual, its first derivative and its second. */
  value: number;
  slope: number;
  curve: number;
  /** Of the second derivative of the square, and of its third. */
  bend: number;
  bendSlope: number;
  /** Relative to those, the rounding of the residual's coefficients. */
  rounding: number;
  /** Of the second derivative of the square, the rounding. */
  error: number;
}

function boundsOf(layer: SecondLayer, y: number, reach: number): Bounds {
  const sizes = new Float64Array(4);
  layer.residualReach(y, sizes);
  const slopes = derivativeOf(sizes);
  const bends = new Float64Array(5);
  squareBend(sizes, 1, bends);
  const rounding = 1.01 * layer.roundings * UNIT;
  const bend = 1.01 * magnitudeAt(bends, reach);
  return {
    value: 1.01 * magnitudeAt(sizes, reach),
    slope: 1.01 * magnitudeAt(slopes, reach),
    curve: 1.01 * magnitudeAt(derivativeOf(slopes), reach),
    bend,
    bendSlope: 1.01 * magnitudeAt(derivativeOf(bends), reach),
    rounding,
    error: (2 * rounding + 24 * UNIT) * bend,
  };
}

/** What may happen within a zone: to the second derivative, and to the slope. */
function uncertaintyOf(
  zone: Zone,
  pieces: { residual: Float64Array; other: Float64Array; difference: Float64Array },
  bounds: Bounds,
  isUnclear: boolean,
): Pick<RowEvent, "low" | "high" | "jump" | "jumpError"> {
  const { residual, other, difference } = pieces;
  const middle = (zone.from + zone.to) / 2;
  const width = zone.to - zone.from;
  const change = valueAt(difference, middle);
  const changeError = 2 * width * bounds.bendSlope + 4 * bounds.error;
  const low = Math.min(0, change) - changeError;
  const high = Math.max(0, change) + changeError;
  const value = valueAt(residual, middle);
  const step = slopeAt(other, middle) - slopeAt(residual, middle);
  const valueError = (bounds.rounding + 16 * UNIT) * bounds.value + width * bounds.slope;
  const stepError = 2 * ((bounds.rounding + 16 * UNIT) * bounds.slope + width * bounds.curve);
  const jump = 2 * value * step;
  const jumpError =
    2 * (Math.abs(value) * stepError + Math.abs(step) * valueError + valueError * stepError) +
    8 * UNIT * Math.abs(jump);
  // Where it may only touch 0, or others switch at the same place, the sign is not known.
  if (isUnclear) return { low, high, jump: 0, jumpError: 4 * bounds.value * bounds.slope };
  return { low, high, jump, jumpError };
}

function slopeAt(cubic: Float64Array, alpha: number): number {
  return (3 * cubic[3]! * alpha + 2 * cubic[2]!) * alpha + cubic[1]!;
}
