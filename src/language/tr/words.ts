import { formatOf } from "../format.js";

export const { number, percent, rounded, bytes, seconds, list, capital } = formatOf("tr");

/** Two significant digits, as many as a claim needs. */
export function short(value: number): string {
  return number(value, 2);
}
