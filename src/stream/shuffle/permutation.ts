import { fillRandomWords } from "../../generate/index.js";

const BUFFER_WORDS = 16_384;

/**
 * The row of a random stream for a window or bucket of an epoch, so that each has its own words.
 *
 * @param epoch below 2²¹
 * @param index below 2³²
 */
export function streamRow(epoch: number, index: number): number {
  return epoch * 2 ** 32 + index;
}

/**
 * A uniformly random permutation of 0 … count−1: Fisher and Yates's shuffle (Durstenfeld 1964) with
 * Lemire's unbiased bounded integers ("Fast random integer generation in an interval", 2019), so that
 * every order has exactly the same probability. Chunks are permuted by the same algorithm in
 * assembly/stream.ts.
 *
 * @param permutation its first `count` numbers are filled
 * @param seed the seed, stream and row of the random words: see generate/random.ts
 */
export function fillPermutation(
  permutation: Uint32Array,
  count: number,
  seed: number,
  stream: number,
  row: number,
): void {
  for (let index = 0; index < count; index++) permutation[index] = index;
  const words = new Uint32Array(Math.min(BUFFER_WORDS, Math.max(16, count)));
  let nextWord = 0;
  let used = words.length;
  for (let last = count - 1; last > 0; last--) {
    const choices = last + 1;
    let chosen: number;
    for (;;) {
      if (used === words.length) {
        fillRandomWords(words, seed, stream, row, nextWord);
        nextWord += words.length;
        used = 0;
      }
      const word = words[used++] ?? 0;
      const low = Math.imul(word, choices) >>> 0;
      // Words whose low half is below 2³² mod choices would make some choices likelier than others;
      // the remainder is smaller than choices, and costs a division only when it may matter.
      if (low >= choices || low >= 2 ** 32 % choices) {
        // The product has up to 64 bits, a double 53: what rounding loses is far below one half here.
        chosen = Math.round((word * choices - low) / 2 ** 32);
        break;
      }
    }
    const swapped = permutation[chosen] ?? 0;
    permutation[chosen] = permutation[last] ?? 0;
    permutation[last] = swapped;
  }
}
