/*
 * Lists of numbers and ranges, as `--shards` and `--batches` take them: `0-3,7`.
 */

/** A range with both its ends. */
export type Range = [first: number, last: number];

/** Reads a list of numbers and ranges; undefined where the text is none. */
export function parseRanges(text: string): Range[] | undefined {
  const ranges = text.split(",").map((part): Range => {
    const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part.trim()) ?? [];
    return [Number(first), Number(last)];
  });
  return ranges.every(([first, last]) => first <= last) ? ranges : undefined;
}

/** Numbers as a list of ascending ranges. */
export function formatRanges(numbers: readonly number[]): string {
  const ranges: Range[] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}
