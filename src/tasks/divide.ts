import { formatRanges, parseRanges } from "../common/ranges.js";

/** Divides numbers into parts that follow each other and differ by one in length at most, as lists of ranges. */
export function divide(numbers: readonly number[], parts: number): string[] {
  const count = Math.min(parts, numbers.length);
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [part, part + 1].map((at) => Math.floor((at * numbers.length) / count));
    return formatRanges(numbers.slice(from, to));
  });
}

/** The numbers of a list of ranges. */
export function numbersOf(text: string): number[] {
  return (parseRanges(text) ?? []).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at),
  );
}

/** The numbers from 0 on. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
