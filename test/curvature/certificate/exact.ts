// Exact arithmetic with dyadic rationals m·2ᵉ: every float is one, and so are sums and products of them.
import type { DenseNetwork } from "../../../src/model/index.js";

export interface Dyadic {
  m: bigint;
  e: number;
}

export function dyadic(value: number): Dyadic {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 2047n);
  const fraction = bits & ((1n << 52n) - 1n);
  const m = exponent === 0 ? fraction : fraction | (1n << 52n);
  return { m: bits >> 63n === 1n ? -m : m, e: Math.max(1, exponent) - 1075 };
}

export function plus(one: Dyadic, other: Dyadic): Dyadic {
  const e = Math.min(one.e, other.e);
  return { m: (one.m << BigInt(one.e - e)) + (other.m << BigInt(other.e - e)), e };
}

export function times(one: Dyadic, other: Dyadic): Dyadic {
  return { m: one.m * other.m, e: one.e + other.e };
}

export function minus(one: Dyadic, other: Dyadic): Dyadic {
  return plus(one, { m: -other.m, e: other.e });
}

/** Rounded to about 15 digits. */
export function toNumber({ m, e }: Dyadic): number {
  const length = m.toString(2).length;
  const shift = Math.max(0, length - 60);
  return Number(m >> BigInt(shift)) * 2 ** (e + shift);
}

/** The sum of squared errors at centre + α·direction, exactly. */
export function exactSum(
  centre: DenseNetwork,
  direction: DenseNetwork,
  alpha: Dyadic,
  { x, y, rows }: { x: Float32Array; y: Float32Array; rows: number },
): Dyadic {
  const at = (one: number, other: number): Dyadic => plus(dyadic(one), times(alpha, dyadic(other)));
  const layers = centre.map(({ weights, bias, ...layer }, index) => ({
    ...layer,
    weights: Array.from(weights, (value, k) => at(value, direction[index]!.weights[k]!)),
    bias: bias && Array.from(bias, (value, k) => at(value, direction[index]!.bias![k]!)),
  }));
  let sum: Dyadic = { m: 0n, e: 0 };
  const features = centre[0]!.inputs;
  for (let row = 0; row < rows; row++) {
    let values = Array.from(x.subarray(row * features, (row + 1) * features), dyadic);
    for (const { outputs, weights, bias, activation } of layers) {
      const below = values;
      values = Array.from({ length: outputs }, (_, unit) => {
        let total = bias?.[unit] ?? { m: 0n, e: 0 };
        for (const [input, value] of below.entries()) {
          if (value.m !== 0n) total = plus(total, times(value, weights[input * outputs + unit]!));
        }
        return activation === "relu" && total.m < 0n ? { m: 0n, e: 0 } : total;
      });
    }
    const error = minus(values[0]!, dyadic(y[row]!));
    sum = plus(sum, times(error, error));
  }
  return sum;
}

/** A value with its first and second derivative by α. */
type Jet = readonly [Dyadic, Dyadic, Dyadic];

const ZERO: Dyadic = { m: 0n, e: 0 };

function plusJet(one: Jet, other: Jet): Jet {
  return [plus(one[0], other[0]), plus(one[1], other[1]), plus(one[2], other[2])];
}

function timesJet([a, b, c]: Jet, [d, e, f]: Jet): Jet {
  const mixed = times(b, e);
  return [
    times(a, d),
    plus(times(a, e), times(b, d)),
    plus(plus(times(a, f), times(c, d)), plus(mixed, mixed)),
  ];
}

/** The sum of squared errors at centre + α·direction and its derivatives there, exactly; where α is no kink. */
export function exactJet(
  centre: DenseNetwork,
  direction: DenseNetwork,
  alpha: Dyadic,
  { x, y, rows }: { x: Float32Array; y: Float32Array; rows: number },
): Jet {
  const weight = (one: number, other: number): Jet => {
    const slope = dyadic(other);
    return [plus(dyadic(one), times(alpha, slope)), slope, ZERO];
  };
  const layers = centre.map(({ weights, bias, ...layer }, index) => ({
    ...layer,
    weights: Array.from(weights, (value, k) => weight(value, direction[index]!.weights[k]!)),
    bias: bias && Array.from(bias, (value, k) => weight(value, direction[index]!.bias![k]!)),
  }));
  let sum: Jet = [ZERO, ZERO, ZERO];
  const features = centre[0]!.inputs;
  for (let row = 0; row < rows; row++) {
    let values = Array.from(x.subarray(row * features, (row + 1) * features), (value): Jet => [
      dyadic(value),
      ZERO,
      ZERO,
    ]);
    for (const { outputs, weights, bias, activation } of layers) {
      const below = values;
      values = Array.from({ length: outputs }, (_, unit): Jet => {
        let total: Jet = bias?.[unit] ?? [ZERO, ZERO, ZERO];
        for (const [input, value] of below.entries()) {
          total = plusJet(total, timesJet(value, weights[input * outputs + unit]!));
        }
        return activation === "relu" && total[0].m <= 0n ? [ZERO, ZERO, ZERO] : total;
      });
    }
    const error = plusJet(values[0]!, [dyadic(-y[row]!), ZERO, ZERO]);
    sum = plusJet(sum, timesJet(error, error));
  }
  return sum;
}
