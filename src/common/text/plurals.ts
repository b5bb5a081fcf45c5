import { formatCount, formatNumber } from "./numbers.js";

/** The form of a noun for a count: `row`, `rows`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return count === 1 ? one : many;
}

/** A count with its noun in a terminal or an error message: `1 row`, `12.3k rows`. */
export function counted(count: number, one: string, many?: string): string {
  return `${formatCount(count)} ${plural(count, one, many)}`;
}

/** A count with its noun on a page, with all digits: `12 345 rows`. */
export function countedExactly(count: number, one: string, many?: string): string {
  return `${formatNumber(count)} ${plural(count, one, many)}`;
}
