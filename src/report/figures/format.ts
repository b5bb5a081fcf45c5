const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A whole number with narrow spaces between its thousands; a fraction to six significant digits, without trailing zeros. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value < 0 ? "−∞" : "∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return minus(grouped(String(value)));
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e15) {
    const text = String(Number(value.toPrecision(6)));
    if (!text.includes("e")) {
      const [whole = "", fraction] = text.split(".");
      return minus(fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`);
    }
  }
  const [digits = "0", exponent = "0"] = value.toExponential(5).split("e");
  return minus(`${Number(digits)}×10${superscript(Number(exponent))}`);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}

function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).replace(
    /\d/g,
    (digit) => superscripts[Number(digit)] ?? digit,
  );
  return exponent < 0 ? `⁻${digits}` : digits;
}

/** Bytes in binary units: `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${formatNumber(Number(value.toPrecision(4)))} ${units[unit] ?? ""}`;
}

/** Seconds, with minutes and hours where there are any: `2 h 3 min 4 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatNumber(seconds);
  if (seconds < 60) return `${formatNumber(Number(seconds.toPrecision(3)))} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return `${hours > 0 ? `${hours} h ` : ""}${minutes} min ${whole % 60} s`;
}

/** A fraction as a percentage to one place. */
export function formatFraction(fraction: number): string {
  return `${formatNumber(Number((fraction * 100).toFixed(1)))} %`;
}

/** A rate to three significant digits: `1 230 000 rows/s`. */
export function formatRate(perSecond: number, unit: string): string {
  return `${formatNumber(Number(perSecond.toPrecision(3)))} ${unit}`;
}
