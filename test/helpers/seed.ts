import { randomInt } from "node:crypto";
import { fillRandomWords } from "../../src/generate/index.js";

/**
 * Random fractions in [0, 1) for a test. Their seed is printed, so that a failure can be repeated with
 * `TEST_SEED=SEED npm test -- FILE`.
 */
export function randomFractions(count: number): number[] {
  const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 32));
  process.stdout.write(`\n  random numbers of seed ${seed}\n`);
  const words = new Uint32Array(count);
  fillRandomWords(words, seed, 0, 0);
  return Array.from(words, (word) => word / 2 ** 32);
}
