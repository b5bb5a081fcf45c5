import { usageError } from "./errors.js";

/*
 * Counts and sizes as people write them, and as people read them.
 */

/** Decimal powers of the letters that may follow a number; lower-case here, any case in the text. */
const DECIMAL = new Map([
  ["", 0],
  ["k", 3],
  ["m", 6],
  ["g", 9],
  ["t", 12],
]);
const BINARY = new Map([
  ["ki", 10n],
  ["mi", 20n],
  ["gi", 30n],
  ["ti", 40n],
]);

/** A decimal number: whole part (in groups if you like), fraction, exponent, unit. */
const NUMBER = /^(\d+(?:_\d+)*)(?:\.(\d+))?(?:e\+?(\d{1,2}))?([a-z]*)$/i;

/** No number that fits needs more, and nothing longer is worth looking at. */
const LONGEST = 60;

interface Decimal {
  digits: bigint;
  exponent: number;
  unit: string;
}

/** `12.5e3M` as digits · 10^exponent and a unit. */
function readDecimal(text: string): Decimal | undefined {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST) return undefined;
  const [found, whole, fraction = "", exponent = "0", unit = ""] = NUMBER.exec(trimmed) ?? [];
  if (found === undefined || whole === undefined) return undefined;
  return {
    digits: BigInt(whole.replaceAll("_", "") + fraction),
    exponent: Number(exponent) - fraction.length,
    unit: unit.toLowerCase(),
  };
}

/** numerator · 10^exponent rounded down, and whether it was whole. */
function scale(numerator: bigint, exponent: number): { value: bigint; exact: boolean } {
  if (exponent >= 0) return { value: numerator * 10n ** BigInt(exponent), exact: true };
  const divisor = 10n ** BigInt(-exponent);
  return { value: numerator / divisor, exact: numerator % divisor === 0n };
}

/** A stranger's text for an error message: quoted, and not longer than a line. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length <= LONGEST ? quoted : `${quoted.slice(0, LONGEST)}…"`;
}

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
    `${option} must be a whole number such as 1000000, 1_000_000, 1e6 or 1M, not ${quote(text)}.`,
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

/** Three significant digits without trailing zeros. */
function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A count for people: exact below 10 000, then three digits: `9999`, `12.3k`, `100M`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return "–";
  if (Math.abs(count) < 10_000) return Number.isInteger(count) ? String(count) : threeDigits(count);
  const units = ["", "k", "M", "G", "T", "P"];
  let value = Number(count.toPrecision(3));
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)}${units[unit]}`;
}

/** A count of things: `1 row`, `12.3k rows`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A size for people, in powers of 1024: `512 B`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  // 999.5 and not 1024, so that three digits never read 1.02e+3.
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${threeDigits(value)} ${units[unit]}`;
}

/** A duration for people: `0.42 s`, `12.3 s`, `3 min 20 s`, `1 h 2 min`, `2 d 3 h`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 59.95) return `${threeDigits(Math.max(0, seconds))} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
