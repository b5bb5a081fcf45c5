import { usageError } from "../errors.js";
import { quote } from "./quote.js";

/**
 * Reads a count: `100000000`, `100_000_000`, `1e8`, `100M` (k, M, G, T are powers of 1000).
 *
 * @param option What the text was given for, as the error names it: `--rows`.
 * @returns A whole number, 0 … 2⁵³−1, exactly as written.
 * @throws {VadiError} A usage error for anything else.
 */
export function parseCount(text: string, option: string): number {
  const decimal = readDecimal(text);
  const power = decimal && DECIMAL.get(decimal.unit);
  if (decimal !== undefined && power !== undefined) {
    const { value, exact } = scale(decimal.digits, decimal.exponent + power);
    if (exact && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    if (exact) throw usageError(`${option} must be at most 2^53 - 1, not ${quote(text)}.`);
  }
  throw usageError(
    `${option} must be a whole number of at least 0, such as 1000000, 1_000_000, 1e6 or 1M, not ${quote(text)}.`,
  );
}

/**
 * Reads a size in bytes: `65536`, `64KiB`, `1.5GiB` (powers of 1024), `500MB`, `64k` (powers of
 * 1000). A fraction of a byte is dropped.
 *
 * @param option What the text was given for, as the error names it: `--memory`.
 * @returns Bytes, 0 … 2⁵³−1.
 * @throws {VadiError} A usage error for anything else.
 */
export function parseSize(text: string, option: string): number {
  const decimal = readDecimal(text);
  if (decimal !== undefined) {
    const unit = decimal.unit.replace(/b$/, "");
    const tens = DECIMAL.get(unit);
    const twos = BINARY.get(unit);
    if (tens !== undefined || twos !== undefined) {
      const { value } = scale(decimal.digits << (twos ?? 0n), decimal.exponent + (tens ?? 0));
      if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
      throw usageError(`${option} must be at most 2^53 - 1 bytes, not ${quote(text)}.`);
    }
  }
  throw usageError(
    `${option} must be a size in bytes such as 67108864, 64MiB or 1GB, not ${quote(text)}.`,
  );
}

/** Powers of ten by unit, in lower case. */
const DECIMAL = new Map([
  ["", 0],
  ["k", 3],
  ["m", 6],
  ["g", 9],
  ["t", 12],
]);

/** Powers of two by unit, in lower case. */
const BINARY = new Map([
  ["ki", 10n],
  ["mi", 20n],
  ["gi", 30n],
  ["ti", 40n],
]);

/** A decimal number: integer part (`_` may group its digits), fraction, exponent, unit. */
const NUMBER = /^(\d+(?:_\d+)*)(?:\.(\d+))?(?:e\+?(\d{1,2}))?([a-z]*)$/i;

/** Longer texts are refused before they are matched. */
const MOST_CHARACTERS = 60;

interface Decimal {
  digits: bigint;
  exponent: number;
  unit: string;
}

/** `12.5e3M` as digits · 10^exponent and a unit. */
function readDecimal(text: string): Decimal | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MOST_CHARACTERS) return undefined;
  const [found, integer, fraction = "", exponent = "0", unit = ""] = NUMBER.exec(trimmed) ?? [];
  if (found === undefined || integer === undefined) return undefined;
  return {
    digits: BigInt(integer.replaceAll("_", "") + fraction),
    exponent: Number(exponent) - fraction.length,
    unit: unit.toLowerCase(),
  };
}

/** numerator · 10^exponent rounded down, and whether that is exact. */
function scale(numerator: bigint, exponent: number): { value: bigint; exact: boolean } {
  if (exponent >= 0) return { value: numerator * 10n ** BigInt(exponent), exact: true };
  const divisor = 10n ** BigInt(-exponent);
  return { value: numerator / divisor, exact: numerator % divisor === 0n };
}
