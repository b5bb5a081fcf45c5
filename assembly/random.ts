// Philox4x32-10 and the normal distribution, four lanes at a time.
//
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
// A block is a pure function of (key, counter); the four lanes of a vector are four counters.
// Only deterministic IEEE operations are used (no relaxed SIMD), so every machine gets the same bits.

const MULTIPLIER_0: v128 = i32x4.splat(0xd2511f53);
const MULTIPLIER_1: v128 = i32x4.splat(0xcd9e8d57);
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;

// @inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

// @inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

const ROUNDS: u32 = 10;

/** The keys of the ten rounds, both halves in every lane. */
const keys: usize = memory.data(320, 16);

/** Sets the key of all blocks that follow. */
export function setKey(key0: u32, key1: u32): void {
  for (let round: u32 = 0; round < ROUNDS; round++) {
    const at = keys + 32 * <usize>round;
    v128.store(at, i32x4.splat(key0 + round * WEYL_0));
    v128.store(at, i32x4.splat(key1 + round * WEYL_1), 16);
  }
}

/** Four Philox4x32-10 blocks of the key that was set; word j of the lanes' blocks is stored at out + 16·j. */
// @inline
export function philox(
  counter0: v128,
  counter1: v128,
  counter2: v128,
  counter3: v128,
  out: usize,
): void {
  let c0 = counter0;
  let c1 = counter1;
  let c2 = counter2;
  let c3 = counter3;
  for (let key = keys; key < keys + 32 * ROUNDS; key += 32) {
    const a = i64x2.extmul_low_i32x4_u(c0, MULTIPLIER_0);
    const b = i64x2.extmul_high_i32x4_u(c0, MULTIPLIER_0);
    const d = i64x2.extmul_low_i32x4_u(c2, MULTIPLIER_1);
    const e = i64x2.extmul_high_i32x4_u(c2, MULTIPLIER_1);
    c0 = v128.xor(v128.xor(highHalves(d, e), c1), v128.load(key));
    c1 = lowHalves(d, e);
    c2 = v128.xor(v128.xor(highHalves(a, b), c3), v128.load(key, 16));
    c3 = lowHalves(a, b);
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
}

/**
 * Twice four blocks at once, of counters (first or second, low, high, its stream): the rounds of one
 * block wait for each other, those of two do not. The second's words are stored at out + 64.
 */
// @inline
export function philoxTwo(
  first: v128,
  firstStream: v128,
  second: v128,
  secondStream: v128,
  low: v128,
  high: v128,
  out: usize,
): void {
  let c0 = first;
  let c1 = low;
  let c2 = high;
  let c3 = firstStream;
  let s0 = second;
  let s1 = low;
  let s2 = high;
  let s3 = secondStream;
  for (let key = keys; key < keys + 32 * ROUNDS; key += 32) {
    const key0 = v128.load(key);
    const key1 = v128.load(key, 16);
    const a = i64x2.extmul_low_i32x4_u(c0, MULTIPLIER_0);
    const b = i64x2.extmul_high_i32x4_u(c0, MULTIPLIER_0);
    const d = i64x2.extmul_low_i32x4_u(c2, MULTIPLIER_1);
    const e = i64x2.extmul_high_i32x4_u(c2, MULTIPLIER_1);
    const f = i64x2.extmul_low_i32x4_u(s0, MULTIPLIER_0);
    const g = i64x2.extmul_high_i32x4_u(s0, MULTIPLIER_0);
    const h = i64x2.extmul_low_i32x4_u(s2, MULTIPLIER_1);
    const i = i64x2.extmul_high_i32x4_u(s2, MULTIPLIER_1);
    c0 = v128.xor(v128.xor(highHalves(d, e), c1), key0);
    c1 = lowHalves(d, e);
    c2 = v128.xor(v128.xor(highHalves(a, b), c3), key1);
    c3 = lowHalves(a, b);
    s0 = v128.xor(v128.xor(highHalves(h, i), s1), key0);
    s1 = lowHalves(h, i);
    s2 = v128.xor(v128.xor(highHalves(f, g), s3), key1);
    s3 = lowHalves(f, g);
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
  v128.store(out, s0, 64);
  v128.store(out, s1, 80);
  v128.store(out, s2, 96);
  v128.store(out, s3, 112);
}

/**
 * The Rayleigh radius √(−2 ln u) for u = (word + ½) / 2³². Words above one half go through
 * ln(1 − v) with v = (~word + ½) / 2³², so that all 32 bits count at both ends: the largest radius is
 * 6.76, the smallest 1.5·10⁻⁵.
 */
// @inline
export function radius(word: v128): v128 {
  const half = f32x4.splat(0.5);
  const upper = i32x4.shr_s(word, 31);
  // x or its mirror image, each with 24 significant bits.
  const folded = v128.xor(word, upper);
  const x = f32x4.add(f32x4.convert_i32x4_s(folded), half);

  // Below one half: u = m·2^(exponent − 32) with m in [√½, √2).
  const offset = i32x4.splat(0x3f3504f3);
  const shifted = i32x4.sub(x, offset);
  const exponentLow = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23)), f32x4.splat(32));
  const mantissa = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), offset);
  const fractionLow = f32x4.sub(mantissa, f32x4.splat(1));

  // Above one half: u = 1 − v; 2u where that is nearer to 1.
  const v = f32x4.mul(x, f32x4.splat(2.3283064365386963e-10));
  const far = f32x4.gt(v, f32x4.splat(0.29289321881));
  const fractionHigh = v128.bitselect(
    f32x4.sub(f32x4.splat(1), f32x4.add(v, v)),
    f32x4.neg(v),
    far,
  );
  const exponentHigh = v128.and(far, f32x4.splat(-1));

  const f = v128.bitselect(fractionHigh, fractionLow, upper);
  const exponent = v128.bitselect(exponentHigh, exponentLow, upper);

  // ln(1 + f): the polynomial of Moshier's Cephes library (logf).
  const z = f32x4.mul(f, f);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, f), z);
  // ln 2 in two parts, the small one first.
  y = f32x4.add(y, f32x4.mul(exponent, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, half));
  const logarithm = f32x4.add(f32x4.add(f, y), f32x4.mul(exponent, f32x4.splat(0.693359375)));
  return f32x4.sqrt(f32x4.mul(logarithm, f32x4.splat(-2)));
}

// The angle 2π·word/2³², reduced to a quadrant and a remainder in [−π/4, π/4).

// @inline
function quadrant(word: v128): v128 {
  return i32x4.shr_u(i32x4.add(word, i32x4.splat(0x20000000)), 30);
}

// @inline
function remainder(word: v128): v128 {
  const rest = i32x4.sub(word, i32x4.shl(quadrant(word), 30));
  // The half keeps the angle off the axes, so that no normal is exactly 0.
  const centred = f32x4.add(f32x4.convert_i32x4_s(rest), f32x4.splat(0.5));
  return f32x4.mul(centred, f32x4.splat(1.4629180792671596e-9));
}

/** sin on [−π/4, π/4] (Cephes sinf). */
// @inline
function sineNearZero(a: v128): v128 {
  const z = f32x4.mul(a, a);
  let p = f32x4.splat(-1.9515295891e-4);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(8.3321608736e-3));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-1.6666654611e-1));
  return f32x4.add(f32x4.mul(f32x4.mul(p, z), a), a);
}

/** cos on [−π/4, π/4] (Cephes cosf). */
// @inline
function cosineNearZero(a: v128): v128 {
  const z = f32x4.mul(a, a);
  let p = f32x4.splat(2.443315711809948e-5);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-1.388731625493765e-3));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(4.166664568298827e-2));
  const tail = f32x4.mul(f32x4.mul(p, z), z);
  return f32x4.add(f32x4.sub(tail, f32x4.mul(z, f32x4.splat(0.5))), f32x4.splat(1));
}

/** cos(2π·word/2³²). */
// @inline
export function cosine(word: v128): v128 {
  const q = quadrant(word);
  const a = remainder(word);
  const odd = i32x4.shr_s(i32x4.shl(q, 31), 31);
  const magnitude = v128.bitselect(sineNearZero(a), cosineNearZero(a), odd);
  // Negative in quadrants 1 and 2.
  const sign = i32x4.shl(v128.and(i32x4.add(q, i32x4.splat(1)), i32x4.splat(2)), 30);
  return v128.xor(magnitude, sign);
}

/** sin(2π·word/2³²). */
// @inline
export function sine(word: v128): v128 {
  const q = quadrant(word);
  const a = remainder(word);
  const odd = i32x4.shr_s(i32x4.shl(q, 31), 31);
  const magnitude = v128.bitselect(cosineNearZero(a), sineNearZero(a), odd);
  // Negative in quadrants 2 and 3.
  const sign = i32x4.shl(v128.and(q, i32x4.splat(2)), 30);
  return v128.xor(magnitude, sign);
}

/** 1 / (1 + e^(−x)); e^x is Cephes expf. */
// @inline
export function sigmoid(x: v128): v128 {
  const limit = f32x4.splat(87);
  const t = f32x4.pmax(f32x4.pmin(f32x4.neg(x), limit), f32x4.neg(limit));
  // Adding 1.5·2²³ rounds to a whole number, which stands in the sum's lowest bits.
  const shift = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(t, f32x4.splat(Mathf.LOG2E)), shift);
  const n = f32x4.sub(shifted, shift);
  let r = f32x4.sub(t, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, f32x4.mul(p, power)));
}
