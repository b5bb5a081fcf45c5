/*
 * Numbers as people read them. Pages set them as print does (`−12 345.7`, `1.5×10⁻⁷`); terminals and
 * error messages use characters that can be typed and pasted into a command (`-12345.7`, `1.5e-7`).
 */

/** What stands where there is no number. */
export const NO_VALUE = "–";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number on a page, to six significant digits; integers below 10¹⁵ with all their digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  if (size < 1e15 && (size >= 1e-4 || value === 0)) {
    const text = Number.isInteger(value) ? String(value) : plainNumber(value);
    const [integer = "", fraction] = text.split(".");
    return withMinus(fraction === undefined ? grouped(integer) : `${grouped(integer)}.${fraction}`);
  }
  const [digits = "0", exponent = "0"] = value.toExponential(5).split("e");
  return withMinus(`${Number(digits)}×${powerOfTen(Number(exponent))}`);
}

/** A number in a terminal or an error message. */
export function plainNumber(value: number, digits = 6): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : NO_VALUE;
}

/** A count in a terminal, and a rate anywhere: exact below 10 000, else three digits: `9999`, `12.3k`, `100M`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return NO_VALUE;
  if (Math.abs(count) < 10_000)
    return Number.isInteger(count) ? String(count) : plainNumber(count, 3);
  const units = ["", "k", "M", "G", "T", "P"];
  let value = Number(count.toPrecision(3));
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${plainNumber(value, 3)}${units[unit]}`;
}

/** A fraction as a percentage with one decimal: `12.3 %`. */
export function formatPercent(fraction: number): string {
  return `${formatNumber(Number((fraction * 100).toFixed(1)))} %`;
}

/** `10¹⁵` */
export function powerOfTen(exponent: number): string {
  return `10${superscript(exponent)}`;
}

/** An integer as an exponent: `⁻⁷`. */
export function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).replaceAll(/\d/g, (digit) =>
    SUPERSCRIPTS.charAt(Number(digit)),
  );
  return exponent < 0 ? `⁻${digits}` : digits;
}

/** Digits in groups of three, with narrow no-break spaces between them. */
function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** A minus sign instead of a leading hyphen. */
function withMinus(text: string): string {
  return text.replace(/^-/, "−");
}

/** A value and its standard error, such as "9.7 ± 0.2"; the value alone where it is exact. */
export function withError(
  { estimate, standardError }: { estimate: number; standardError: number },
  format: (number: number, digits?: number) => string,
  digits?: number,
): string {
  const value = format(estimate, digits);
  return standardError === 0 ? value : `${value} ± ${format(standardError, 2)}`;
}
