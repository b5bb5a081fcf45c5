/*
 * The generator's numbers computed a second time, straight from the papers' formulas, in integers of
 * any length and in float64. Slow, and shares nothing with the kernel.
 */

const WORD = 2n ** 32n;
const M0 = 0xd2511f53n;
const M1 = 0xcd9e8d57n;
const W0 = 0x9e3779b9n;
const W1 = 0xbb67ae85n;

/** Four 32-bit words. */
export type Block = [number, number, number, number];

/** Philox4x32-10 of Salmon et al. (2011), section 4.3: a block for a counter and a key. */
export function philox(counter: Readonly<Block>, key: readonly [number, number]): Block {
  let [r0, l0, r1, l1] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = r0 * M0;
    const p1 = r1 * M1;
    [r0, l0, r1, l1] = [(p1 / WORD) ^ l0 ^ k0, p1 % WORD, (p0 / WORD) ^ l1 ^ k1, p0 % WORD];
    k0 = (k0 + W0) % WORD;
    k1 = (k1 + W1) % WORD;
  }
  return [Number(r0), Number(l0), Number(r1), Number(l1)];
}

/** The inverse of an odd number modulo 2³², by Newton's iteration. */
function inverse(odd: bigint): bigint {
  let found = 1n;
  for (let bits = 1; bits < 32; bits *= 2) found = (found * (2n - odd * found)) & (WORD - 1n);
  return found & (WORD - 1n);
}

const INVERSE_0 = inverse(M0);
const INVERSE_1 = inverse(M1);

/** The counter whose block is given: Philox is a bijection of counters for every key. */
export function invertPhilox(block: Readonly<Block>, key: readonly [number, number]): Block {
  let [r0, l0, r1, l1] = block.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (let round = 9n; round >= 0n; round--) {
    const k0 = (BigInt(key[0]) + round * W0) % WORD;
    const k1 = (BigInt(key[1]) + round * W1) % WORD;
    const second = (l0 * INVERSE_1) % WORD;
    const first = (l1 * INVERSE_0) % WORD;
    [r0, l0, r1, l1] = [
      first,
      r0 ^ ((second * M1) / WORD) ^ k0,
      second,
      r1 ^ ((first * M0) / WORD) ^ k1,
    ];
  }
  return [Number(r0), Number(l0), Number(r1), Number(l1)];
}

/** Low and high half of a number below 2⁵³. */
export function halves(value: number): [number, number] {
  return [value % 2 ** 32, Math.floor(value / 2 ** 32)];
}

/** Word `index` of a row of a stream: key seed, counter (block, row low, row high, stream). */
export function wordAt(seed: number, stream: number, row: number, index: number): number {
  const [low, high] = halves(row);
  return philox([Math.floor(index / 4), low, high, stream], halves(seed))[index % 4]!;
}

/** The pair of normals of two words, by Box and Muller (1958) in float64. */
export function boxMuller(first: number, second: number): [number, number] {
  // Near 1 the complement keeps the digits of u.
  const logarithm =
    first < 2 ** 31
      ? Math.log((first + 0.5) / 2 ** 32)
      : Math.log1p(-(2 ** 32 - 1 - first + 0.5) / 2 ** 32);
  const radius = Math.sqrt(-2 * logarithm);
  const angle = (2 * Math.PI * (second + 0.5)) / 2 ** 32;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** Normals of a row of a stream in float64. */
export function normalsAt(seed: number, stream: number, row: number, count: number): number[] {
  return Array.from({ length: Math.ceil(count / 2) }, (_, pair) =>
    boxMuller(wordAt(seed, stream, row, 2 * pair), wordAt(seed, stream, row, 2 * pair + 1)),
  )
    .flat()
    .slice(0, count);
}

/** Φ, the normal distribution function: its series around 0 (Abramowitz and Stegun 26.2.11). */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 7) return x < 0 ? 0 : 1;
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
