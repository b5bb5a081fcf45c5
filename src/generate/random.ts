import { openKernel, type Kernel } from "../common/kernel.js";

/**
 * The streams of the counter-based random numbers, one for each purpose, so that no two purposes share
 * a random number. The number of a released stream never changes.
 */
export const STREAMS: Readonly<
  Record<
    | "features"
    | "noise"
    | "secondNoise"
    | "trueWeights"
    | "initialWeights"
    | "shuffleShards"
    | "shuffleBlocks"
    | "shuffleWithin"
    | "shuffleBuckets"
    | "direction"
    | "split"
    | "dropout",
    number
  >
> = {
  features: 0,
  noise: 1,
  secondNoise: 2,
  trueWeights: 3,
  initialWeights: 4,
  shuffleShards: 5,
  shuffleBlocks: 6,
  shuffleWithin: 7,
  shuffleBuckets: 8,
  direction: 9,
  split: 10,
  dropout: 11,
};

/** The most words of one call of the kernel. */
const CALL_WORDS = 16_384;
const WORDS_PER_GROUP = 16;
const WORDS_PER_BLOCK = 4;

let shared: { kernel: Kernel<"generate">; out: number } | undefined;

function sharedKernel(): { kernel: Kernel<"generate">; out: number } {
  if (shared === undefined) {
    const kernel = openKernel("generate");
    const [out = 0] = kernel.allocate([CALL_WORDS * 4]);
    shared = { kernel, out };
  }
  return shared;
}

function fill(
  name: "randomWords" | "randomNormals",
  target: Uint32Array | Float32Array,
  seed: number,
  stream: number,
  row: number,
  firstWord: number,
): void {
  const { kernel, out } = sharedKernel();
  const run = kernel.functions[name];
  let skip = firstWord % WORDS_PER_BLOCK;
  let block = (firstWord - skip) / WORDS_PER_BLOCK;
  for (let done = 0; done < target.length;) {
    const words = Math.min(CALL_WORDS, skip + target.length - done);
    run(seed, stream, row, block, Math.ceil(words / WORDS_PER_GROUP), out);
    const { buffer } = kernel.functions.memory;
    const from = out + 4 * skip;
    const made =
      target instanceof Float32Array
        ? new Float32Array(buffer, from, words - skip)
        : new Uint32Array(buffer, from, words - skip);
    target.set(made, done);
    done += words - skip;
    block += CALL_WORDS / WORDS_PER_BLOCK;
    skip = 0;
  }
}

/**
 * Uniform 32-bit words: Philox4x32-10 (Salmon et al. 2011) with key `seed` and counters
 * (block, row low, row high, stream), four words a block.
 *
 * @param seed 0 … 2⁵³−1
 * @param stream one of STREAMS
 * @param row 0 … 2⁵³−1
 * @param count at most 2³⁴ words from `firstWord` on
 */
export function randomWords(
  seed: number,
  stream: number,
  row: number,
  count: number,
  firstWord = 0,
): Uint32Array {
  const words = new Uint32Array(count);
  fill("randomWords", words, seed, stream, row, firstWord);
  return words;
}

/** As `randomWords`, but fills an array of the caller's. */
export function fillRandomWords(
  words: Uint32Array,
  seed: number,
  stream: number,
  row: number,
  firstWord = 0,
): void {
  fill("randomWords", words, seed, stream, row, firstWord);
}

/**
 * Standard normals by the Box–Muller transform (1958): words 2i and 2i+1 of `randomWords` give normals
 * 2i and 2i+1. The radius is computed from all 32 bits of a word, so the tails reach 6.76σ.
 */
export function randomNormals(
  seed: number,
  stream: number,
  row: number,
  count: number,
): Float32Array {
  const normals = new Float32Array(count);
  fill("randomNormals", normals, seed, stream, row, 0);
  return normals;
}
