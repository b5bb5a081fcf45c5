import * as fc from "fast-check";
import { assert, test } from "../helpers/test.js";
import { fillRandomWords, randomNormals, randomWords, STREAMS } from "../../src/generate/index.js";
import { openKernel } from "../../src/common/kernel.js";
import {
  boxMuller,
  halves,
  invertPhilox,
  normalsAt,
  philox,
  wordAt,
  type Block,
} from "./reference.js";

/** Known answers of Random123 (kat_vectors, philox4x32 10): counter, key, block. */
const KNOWN: [Block, [number, number], Block][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

/** Error of a normal relative to max(1, |n|) that float32 and its polynomials cost at the most. */
const NORMAL_ERROR = 4e-7;

function assertClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.is(actual.length, expected.length);
  for (const [index, value] of expected.entries()) {
    const error = Math.abs(actual[index]! - value) / Math.max(1, Math.abs(value));
    assert.ok(error <= NORMAL_ERROR, `normal ${index}: ${actual[index]} instead of ${value}`);
  }
}

test("Philox4x32-10 gives Random123's known answers", () => {
  const kernel = openKernel("generate");
  const [out = 0] = kernel.allocate([16]);
  for (const [counter, key, block] of KNOWN) {
    kernel.functions.philoxBlock(...counter, ...key, out);
    assert.equal([...new Uint32Array(kernel.functions.memory.buffer, out, 4)], block);
    assert.equal(philox(counter, key), block, "the reference itself");
    assert.equal(invertPhilox(block, key), counter, "the reference's inverse");
  }
});

const seeds = fc.oneof(fc.nat(100), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const rows = fc.oneof(
  fc.nat(1000),
  fc.maxSafeNat(),
  fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER),
);
const streams = fc.constantFrom(...Object.values(STREAMS));

test("words are those of an independent Philox, whatever the seed, stream, row and first word", () => {
  const firstWords = fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 2 ** 34 - 100 }));
  fc.assert(
    fc.property(seeds, streams, rows, firstWords, fc.nat(40), (seed, stream, row, from, count) => {
      const words = randomWords(seed, stream, row, count, from);
      const filled = new Uint32Array(count);
      fillRandomWords(filled, seed, stream, row, from);
      assert.equal(filled, words);
      const expected = words.map((_, index) => wordAt(seed, stream, row, from + index));
      assert.equal(words, expected);
    }),
    { seed: 1, numRuns: 150 },
  );
});

test("long sequences are one sequence: no seam where the kernel's buffer ends", () => {
  for (const firstWord of [0, 1, 2, 3, 16_381]) {
    const words = randomWords(5, STREAMS.direction, 7, 40_000, firstWord);
    for (const index of [0, 16_379, 16_380, 16_383, 16_384, 16_385, 32_767, 32_768, 39_999]) {
      assert.is(words[index], wordAt(5, STREAMS.direction, 7, firstWord + index));
    }
  }
  const normals = randomNormals(5, STREAMS.direction, 7, 40_000);
  for (const index of [16_382, 16_384, 32_766, 32_768, 39_998]) {
    const pair = boxMuller(
      wordAt(5, STREAMS.direction, 7, index),
      wordAt(5, STREAMS.direction, 7, index + 1),
    );
    assertClose(normals.subarray(index, index + 2), pair);
  }
});

test("normals are Box and Muller's of the same words, in float64 within 4e-7", () => {
  fc.assert(
    fc.property(seeds, streams, rows, fc.nat(40), (seed, stream, row, count) => {
      assertClose(randomNormals(seed, stream, row, count), normalsAt(seed, stream, row, count));
    }),
    { seed: 2, numRuns: 150 },
  );
});

/**
 * Philox is a bijection, so a block with any words can be found: the counter is computed backwards,
 * for one second half of the block after another until the row's number is below 2⁵³.
 */
function counterOf(first: number, second: number, seed: number): Block {
  for (let free = 0; free < 2 ** 20; free++) {
    const counter = invertPhilox([first, second, free, 0x9e3779b9], halves(seed));
    if (counter[2] < 2 ** 21) return counter;
  }
  throw new Error("No counter was found.");
}

test("normals of chosen words: both tails, the fold in the middle, and the axes of the circle", () => {
  const kernel = openKernel("generate");
  const [out = 0] = kernel.allocate([64]);
  const seed = 20_240_229;
  const extremes = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const octants = Array.from({ length: 8 }, (_, octant) => octant * 2 ** 29);
  const pairs = [
    ...extremes.flatMap((first) => [
      [first, 0x1234567],
      [first, 0xfedcba98],
    ]),
    ...octants.flatMap((second) => [
      [0, second],
      [0x6789abcd, (second + 2 ** 32 - 1) % 2 ** 32],
    ]),
  ] as [number, number][];
  for (const [first, second] of pairs) {
    const [block, low, high, stream] = counterOf(first, second, seed);
    const row = high * 2 ** 32 + low;
    kernel.functions.randomWords(seed, stream, row, block, 1, out);
    const words = new Uint32Array(kernel.functions.memory.buffer, out, 2);
    assert.equal([...words], [first, second]);
    kernel.functions.randomNormals(seed, stream, row, block, 1, out);
    const normals = new Float32Array(kernel.functions.memory.buffer, out, 2);
    assertClose(normals, boxMuller(first, second));
    assert.ok(normals[0] !== 0 && normals[1] !== 0, "no normal is exactly 0");
  }
  // The largest radius that 32 bits of u allow, and the smallest.
  assert.ok(Math.abs(Math.hypot(...boxMuller(0, 5)) - 6.76) < 0.005);
  assert.ok(Math.abs(Math.hypot(...boxMuller(2 ** 32 - 1, 5)) - 1.5e-5) < 1e-6);
});

test("seeds beyond 32 bits count", () => {
  const low = randomWords(7, STREAMS.features, 0, 8);
  assert.not.equal(randomWords(7 + 2 ** 32, STREAMS.features, 0, 8), low);
  assert.not.equal(randomWords(7 + 2 ** 52, STREAMS.features, 0, 8), low);
});

test("no two purposes share a stream", () => {
  assert.is(new Set(Object.values(STREAMS)).size, Object.keys(STREAMS).length);
});

test.run();
