import { plural } from "../../common/text/plurals.js";
import { formatOf } from "../format.js";

export const { number, percent, rounded, bytes, seconds, list, capital } = formatOf("en");

/** A count with its noun: `1 row`, `12 345 rows`. */
export function counted(count: number, one: string, many?: string): string {
  return `${number(count)} ${plural(count, one, many)}`;
}

/** Two significant digits, as many as a claim needs. */
export function short(value: number): string {
  return number(value, 2);
}
