import { quote } from "../../common/text/quote.js";
import { usageError } from "../../common/errors.js";
import { parseRanges } from "../../common/ranges.js";

/**
 * Reads a choice of shards: a range with both ends, or a list of numbers and ranges, counted from 0.
 *
 * @param text `0-99`, `0-3,7`
 * @param count how many shards the dataset has
 * @returns the chosen numbers, ascending, each once
 * @throws a usage error for another form, a shard that does not exist or one that is named twice
 */
export function parseShards(text: string, count: number): number[] {
  const ranges = parseRanges(text);
  if (ranges === undefined) {
    throw usageError(
      (option) =>
        `${option("shards")} must be a range or a list of shards such as 0-99 or 0-3,7, not ${quote(text)}.`,
    );
  }
  const chosen = new Set<number>();
  for (const [first, last] of ranges) {
    if (last >= count) {
      throw usageError(
        (option) =>
          `${option("shards")} names shard ${last}, but the dataset has ${count === 1 ? "shard 0 alone" : `the shards 0 to ${count - 1}`}.`,
      );
    }
    for (let shard = first; shard <= last; shard++) {
      if (chosen.has(shard))
        throw usageError((option) => `${option("shards")} names shard ${shard} twice.`);
      chosen.add(shard);
    }
  }
  return [...chosen].toSorted((a, b) => a - b);
}
