// Mean and sample variance of quadratics at a point, in whole numbers without any rounding.

/** 2¹⁰⁷⁴: every float64 number times this is whole. */
const unit = 1n << 1074n;

/** A finite float64 number times 2¹⁰⁷⁴. */
export function toWhole(value: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!;
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -size : size;
}

/** About how many bits a number has. */
function bitsOf(value: bigint): number {
  return value.toString(16).length * 4;
}

/** The quotient of two whole numbers, at least 0 and above 0, to a relative error below 2⁻⁵². */
export function quotient(above: bigint, below: bigint): number {
  const shift = bitsOf(below) - bitsOf(above) + 80;
  const whole = shift >= 0 ? (above << BigInt(shift)) / below : above / (below << BigInt(-shift));
  // Twice, so that neither power overflows or underflows by itself.
  const half = Math.trunc(-shift / 2);
  return Number(whole) * 2 ** half * 2 ** (-shift - half);
}

/**
 * The moments of c + α(l + αq), of which those below 0 are taken as 0.
 *
 * @param quadratics c, l and q of all
 */
export function exactMoments(
  [c, l, q]: readonly Float64Array[],
  alpha: number,
): { mean: number; variance: number } {
  const at = toWhole(alpha);
  const count = BigInt(c!.length);
  let sum = 0n;
  let squares = 0n;
  for (let index = 0; index < c!.length; index++) {
    const slope = toWhole(l![index]!) * unit + at * toWhole(q![index]!);
    const raw = toWhole(c![index]!) * unit * unit + at * slope;
    const loss = raw > 0n ? raw : 0n;
    sum += loss;
    squares += loss * loss;
  }
  // Both are so many units to the third power, and the squares to the sixth.
  const scale = unit * unit * unit;
  const spread = squares * count - sum * sum;
  return {
    mean: quotient(sum, count * scale),
    variance: count === 1n ? 0 : quotient(spread, count * (count - 1n) * scale * scale),
  };
}
