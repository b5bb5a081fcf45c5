import { randomWords } from "../../src/generate/index.js";

/** A stream that nothing else of vadi uses. */
const STREAM = 0x50a4;

/** Repeatable choices. */
export interface Chance {
  /** A number in [0, 1). */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  one<T>(choices: readonly T[]): T;
}

/** The choices of one round of one seed, always the same. */
export function createChance(seed: number, round: number): Chance {
  let next = 0;
  const fraction = (): number => (randomWords(seed, STREAM, round, 1, next++)[0] ?? 0) / 2 ** 32;
  const whole = (least: number, most: number): number =>
    least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    whole,
    one(choices) {
      if (choices.length === 0) throw new Error("There is nothing to choose from.");
      return choices[whole(0, choices.length - 1)]!;
    },
  };
}
