import { usageError } from "../../src/common/errors.js";
import { parseCount } from "../../src/common/text/parse.js";

/** What every soak of rounds takes, for `parseArgs`. */
export const ROUND_OPTIONS = {
  minutes: { type: "string", default: "60" },
  /** At most so many; without it, as many as the minutes hold. */
  rounds: { type: "string" },
  seed: { type: "string", default: "1" },
} as const;

/** How long a soak goes on, and the seed of its chance. */
export function readRounds(values: {
  minutes: string;
  rounds?: string | undefined;
  seed: string;
}): {
  minutes: number;
  rounds: number;
  seed: number;
} {
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw usageError(`--minutes must be above 0, not ${values.minutes}.`);
  return {
    minutes,
    rounds: values.rounds === undefined ? Infinity : parseCount(values.rounds, "--rounds"),
    seed: parseCount(values.seed, "--seed"),
  };
}
