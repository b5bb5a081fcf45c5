import { assert, test } from "../helpers/test.js";
import { createRowMaker, randomNormals, randomWords, STREAMS } from "../../src/generate/index.js";
import { normalCdf } from "./reference.js";

/*
 * Statistics of the numbers against what N(0,1) and independence say. Seeds are fixed, so nothing
 * here can flake: a bound that holds once holds always. Every z-score may be at most 5 large, which a
 * perfect generator exceeds once in 1.7 million; some 1000 are looked at, so a perfect generator
 * would have failed this file for one choice of its seeds in 1700.
 */
const LARGEST_Z = 5;

const ROWS = 100_000;
const FEATURES = 10;

/** Features of rows of a seed, column by column. */
function columnsOf(seed: number, first: number): Float32Array[] {
  const spec = { kind: "lsm", features: FEATURES, noise: 0.1, seed } as const;
  const { x } = createRowMaker(spec, ROWS).make(first, ROWS);
  return Array.from({ length: FEATURES }, (_, feature) =>
    new Float32Array(ROWS).map((_value, row) => x[row * FEATURES + feature]!),
  );
}

const columns = columnsOf(42, 0);

function assertSmall(z: number, what: string): void {
  assert.ok(Math.abs(z) <= LARGEST_Z, `${what}: z = ${z}`);
}

/** √n times the correlation of two sequences of standard normals: itself about a standard normal. */
function correlation(a: ArrayLike<number>, b: ArrayLike<number>, lag = 0): number {
  const count = a.length - lag;
  let sum = 0;
  for (let index = 0; index < count; index++) sum += a[index]! * b[index + lag]!;
  return sum / Math.sqrt(count);
}

test("the first four moments of every column are those of N(0,1)", () => {
  for (const [feature, column] of columns.entries()) {
    const sums = [0, 0, 0, 0];
    for (const value of column) {
      for (let power = 1; power <= 4; power++) sums[power - 1]! += value ** power;
    }
    const [m1 = 0, m2 = 0, m3 = 0, m4 = 0] = sums.map((sum) => sum / ROWS);
    // Variances of the sample moments of N(0,1): 1, 2, 15, 96.
    assertSmall(m1 * Math.sqrt(ROWS), `mean of x${feature}`);
    assertSmall((m2 - 1) * Math.sqrt(ROWS / 2), `variance of x${feature}`);
    assertSmall(m3 * Math.sqrt(ROWS / 15), `third moment of x${feature}`);
    assertSmall((m4 - 3) * Math.sqrt(ROWS / 96), `fourth moment of x${feature}`);
  }
});

test("Kolmogorov and Smirnov find no difference from the normal distribution", () => {
  for (const [feature, column] of columns.entries()) {
    const sorted = column.toSorted();
    let largest = 0;
    for (let index = 0; index < ROWS; index++) {
      const probability = normalCdf(sorted[index]!);
      largest = Math.max(largest, probability - index / ROWS, (index + 1) / ROWS - probability);
    }
    // P(√n·D > 2.75) = 2·exp(−2·2.75²) = 5.4e-7 (Kolmogorov 1933).
    assert.ok(Math.sqrt(ROWS) * largest < 2.75, `x${feature}: ${Math.sqrt(ROWS) * largest}`);
  }
});

test("the tails are as heavy as the normal distribution's", () => {
  const all = columns.flatMap((column) => [...column]);
  for (const bound of [2, 3, 4]) {
    const expected = all.length * 2 * normalCdf(-bound);
    const found = all.filter((value) => Math.abs(value) > bound).length;
    assertSmall((found - expected) / Math.sqrt(expected), `beyond ${bound}σ`);
  }
});

test("columns are uncorrelated with each other, and so are their squares", () => {
  const squares = columns.map((column) => column.map((value) => (value ** 2 - 1) / Math.SQRT2));
  for (let a = 0; a < FEATURES; a++) {
    for (let b = 0; b < a; b++) {
      assertSmall(correlation(columns[a]!, columns[b]!), `x${a} and x${b}`);
      assertSmall(correlation(squares[a]!, squares[b]!), `squares of x${a} and x${b}`);
    }
  }
});

test("neighbouring rows are uncorrelated", () => {
  for (const [feature, column] of columns.entries()) {
    for (const lag of [1, 2, 3, 4, 64]) {
      assertSmall(correlation(column, column, lag), `x${feature}, ${lag} rows apart`);
    }
  }
});

test("neighbouring shards are uncorrelated, whatever columns are compared", () => {
  // Shards of the default length and one so short that each is a row group.
  for (const rows of [1_000_000, 1000]) {
    const shards = Array.from({ length: 4 }, (_, shard) => columnsOf(42, shard * rows));
    for (const [index, next] of shards.entries()) {
      const shard = shards[index - 1];
      if (shard === undefined) continue;
      for (let a = 0; a < FEATURES; a++) {
        for (let b = 0; b < FEATURES; b++) {
          const what = `x${a} of shard ${index - 1} and x${b} of shard ${index}, ${rows} rows each`;
          // Of short shards only their own rows: those behind are the next shard's.
          const count = Math.min(rows, ROWS);
          const [left, right] = [shard[a]!.subarray(0, count), next[b]!.subarray(0, count)];
          assertSmall(correlation(left, right), what);
        }
      }
    }
  }
});

test("neighbouring seeds, and seeds that differ in the high half, are uncorrelated", () => {
  for (const seed of [43, 42 + 2 ** 32]) {
    for (const [feature, column] of columnsOf(seed, 0).entries()) {
      assertSmall(correlation(column, columns[feature]!), `x${feature} of seeds 42 and ${seed}`);
    }
  }
});

test("rows beyond 2³² are other rows", () => {
  for (const [feature, column] of columnsOf(42, 2 ** 32).entries()) {
    assertSmall(correlation(column, columns[feature]!), `x${feature}, 2³² rows apart`);
  }
});

test("streams are uncorrelated", () => {
  const byStream = Object.values(STREAMS).map((stream) => randomNormals(42, stream, 0, ROWS));
  for (const [a, first] of byStream.entries()) {
    for (const [b, second] of byStream.slice(0, a).entries()) {
      assertSmall(correlation(first, second), `streams ${a} and ${b}`);
    }
  }
});

test("every bit of a word is one half of the time 1, whatever its neighbour is", () => {
  const words = randomWords(42, STREAMS.shuffleBuckets, 0, ROWS);
  for (let bit = 0; bit < 32; bit++) {
    let ones = 0;
    let changes = 0;
    for (let index = 0; index < ROWS; index++) {
      const value = (words[index]! >>> bit) & 1;
      ones += value;
      changes += value ^ ((words[(index + 1) % ROWS]! >>> bit) & 1);
    }
    assertSmall((ones - ROWS / 2) / Math.sqrt(ROWS / 4), `bit ${bit}`);
    assertSmall((changes - ROWS / 2) / Math.sqrt(ROWS / 4), `changes of bit ${bit}`);
  }
});

test("the noise in the targets has the asked standard deviation, and differs from the features", () => {
  const spec = { kind: "lsm", features: 1, noise: 0.5, seed: 9 } as const;
  const noisy = createRowMaker(spec, ROWS).make(0, ROWS);
  const [x, y] = [noisy.x.slice(), noisy.y.slice()];
  const clean = createRowMaker({ ...spec, noise: 0 }, ROWS).make(0, ROWS).y;
  const noise = y.map((value, row) => (value - clean[row]!) / 0.5);
  const mean = noise.reduce((sum, value) => sum + value, 0) / ROWS;
  const square = noise.reduce((sum, value) => sum + value * value, 0) / ROWS;
  assertSmall(mean * Math.sqrt(ROWS), "mean of the noise");
  assertSmall((square - 1) * Math.sqrt(ROWS / 2), "variance of the noise");
  assertSmall(correlation(noise, x), "noise and feature");
});

test.run();
