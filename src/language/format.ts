import { NO_VALUE, powerOfTen } from "../common/text/numbers.js";
import type { LanguageCode } from "./codes.js";

/** How a language writes numbers, as print sets them. */
export interface Format {
  code: LanguageCode;
  /** The characters before decimals and between thousands. */
  separators: { decimal: string; thousands: string };
  /** To six significant digits, or fewer; integers below 10¹⁵ with all their digits: `−12 345.7`, `1.5×10⁻⁷`. */
  number(value: number, digits?: number): string;
  /** All digits of a number. */
  exact(value: number): string;
  /** A fraction with one decimal: `12.3 %`. */
  percent(fraction: number): string;
  /** A count to three digits: `1.23M`. */
  rounded(count: number): string;
  /** A size in powers of 1024: `1.5 GiB`. */
  bytes(size: number): string;
  /** A duration in its two largest units: `3 min 20 s`. */
  seconds(duration: number): string;
  /** `a, b and c`. */
  list(items: readonly string[]): string;
  /** A text that begins with a capital letter. */
  capital(text: string): string;
}

/** The units of durations, from seconds to days. */
const UNITS: Readonly<Record<LanguageCode, readonly [string, string, string, string]>> = {
  en: ["s", "min", "h", "d"],
  tr: ["sn", "dk", "sa", "gün"],
};

/** Makes the format of a language from what Intl knows of it. */
export function formatOf(code: LanguageCode): Format {
  const separators = separatorsOf(code);
  // The separators are set here: English has narrow spaces between thousands, which no reader takes for decimals.
  const inParts = (parts: readonly Intl.NumberFormatPart[]): string =>
    parts
      .map(({ type, value }) =>
        type === "group"
          ? separators.thousands
          : type === "minusSign"
            ? "−"
            : type === "literal" && value.trim() === ""
              ? "\u00a0"
              : value,
      )
      .join("");
  const formats = new Map<string, Intl.NumberFormat>();
  const format = (value: number, options: Intl.NumberFormatOptions): string => {
    const key = JSON.stringify(options);
    const known =
      formats.get(key) ?? new Intl.NumberFormat(code, { useGrouping: true, ...options });
    formats.set(key, known);
    return inParts(known.formatToParts(value));
  };

  function number(value: number, digits = 6): string {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value < 0 ? "−∞" : "∞";
    const size = Math.abs(value);
    if (digits >= 6 && Number.isInteger(value) && size < 1e15)
      return format(value, { maximumFractionDigits: 0 });
    const rounded = Number(value.toPrecision(digits));
    if (size < 1e15 && (size >= 1e-4 || value === 0))
      return format(rounded, { maximumSignificantDigits: digits });
    const [mantissa = "0", exponent = "0"] = value.toExponential(digits - 1).split("e");
    return `${number(Number(mantissa), digits)}×${powerOfTen(Number(exponent))}`;
  }

  /** A value in the largest of some units, to three digits. */
  function scaled(value: number, base: number, most: number, units: readonly string[]): string {
    if (!Number.isFinite(value)) return NO_VALUE;
    let unit = 0;
    let size = Number(value.toPrecision(3));
    while (Math.abs(size) >= most && unit < units.length - 1) {
      value /= base;
      size = Number(value.toPrecision(3));
      unit++;
    }
    return `${number(size, 3)}${units[unit]}`;
  }

  function seconds(duration: number): string {
    if (!Number.isFinite(duration)) return NO_VALUE;
    const [second, minute, hour, day] = UNITS[code];
    if (duration < 59.95) return `${number(Math.max(0, duration), 3)} ${second}`;
    const total = Math.round(duration);
    const minutes = Math.floor(total / 60);
    if (minutes < 60) return `${minutes} ${minute} ${total % 60} ${second}`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return `${hours} ${hour} ${minutes % 60} ${minute}`;
    return `${number(Math.floor(hours / 24))} ${day} ${hours % 24} ${hour}`;
  }

  return {
    code,
    separators,
    number,
    exact: (value) => String(value).replace(".", separators.decimal).replace("-", "−"),
    percent: (fraction) => {
      if (!Number.isFinite(fraction)) return NO_VALUE;
      const text = format(fraction, { style: "percent", maximumFractionDigits: 1 });
      return text.replace(/(?<=\d)%$/, "\u00a0%");
    },
    rounded: (count) =>
      Math.abs(count) < 10_000
        ? Number.isFinite(count)
          ? number(count, Number.isInteger(count) ? 6 : 3)
          : NO_VALUE
        : scaled(count, 1000, 1000, ["", "k", "M", "G", "T", "P"]),
    bytes: (size) => scaled(size, 1024, 1000, [" B", " KiB", " MiB", " GiB", " TiB", " PiB"]),
    seconds,
    list: (items) => new Intl.ListFormat(code, { type: "conjunction" }).format(items),
    capital: (text) => text.charAt(0).toLocaleUpperCase(code) + text.slice(1),
  };
}

function separatorsOf(code: LanguageCode): Format["separators"] {
  if (code === "en") return { decimal: ".", thousands: "\u202f" };
  const parts = new Intl.NumberFormat(code).formatToParts(1234567.5);
  const part = (type: Intl.NumberFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? "";
  return { decimal: part("decimal"), thousands: part("group") };
}
