import type { LineNetwork } from "./line-network.js";
import { UNIT } from "./polynomials.js";
import { addZones, type UnitZones, type Zone } from "./zones.js";

/** A first unit at the begin of the line, and where it switches: at most once. */
export interface FirstUnit {
  isOn: boolean;
  zone: Zone | undefined;
  /** How large its pre-activation may be where its state is taken for the other. */
  small: number;
}

export type FirstLayer = ReturnType<typeof createFirstLayer>;

/** The first layer's pre-activations a + b·α of a row. */
export function createFirstLayer({ features, first, c1, v1 }: LineNetwork, reach: number) {
  const [a, b, aReach, bReach] = [0, 1, 2, 3].map(() => new Float64Array(first)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const rounding = 1.01 * (features + 6) * UNIT;

  function multiply(x: ArrayLike<number>): void {
    a.set(c1.bias);
    b.set(v1.bias);
    for (let unit = 0; unit < first; unit++) {
      aReach[unit] = Math.abs(a[unit]!);
      bReach[unit] = Math.abs(b[unit]!);
    }
    for (let feature = 0; feature < features; feature++) {
      const value = x[feature]!;
      for (let unit = 0, at = feature * first; unit < first; unit++, at++) {
        const [c, v] = [value * c1.weights[at]!, value * v1.weights[at]!];
        a[unit]! += c;
        b[unit]! += v;
        aReach[unit]! += Math.abs(c);
        bReach[unit]! += Math.abs(v);
      }
    }
  }

  return {
    a,
    b,
    aReach,
    bReach,
    zonesOf(x: ArrayLike<number>, from: number, to: number): FirstUnit[] {
      multiply(x);
      return Array.from({ length: first }, (_, unit): FirstUnit => {
        const error = 2 * rounding * (aReach[unit]! + reach * bReach[unit]!);
        const part = { from, to, q0: a[unit]!, q1: b[unit]!, q2: 0 };
        const found: UnitZones = { zones: [], isOn: undefined };
        // A unit of zeros is off, and adds nothing if it is taken to be on.
        if (error > 0) addZones(part, error, found);
        const [zone] = found.zones;
        const isOn = zone === undefined ? a[unit]! + b[unit]! * from > 0 : zone.before;
        const small =
          zone === undefined ? 0 : 2 * error + Math.abs(b[unit]!) * (zone.to - zone.from);
        return { isOn, zone, small };
      });
    },
  };
}
