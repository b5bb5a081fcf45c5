import { NO_VALUE, plainNumber } from "./numbers.js";

/** A size in powers of 1024, to three digits: `512 B`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return NO_VALUE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  // 999.5 and not 1024: three digits of 1023 would read 1.02e+3.
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${plainNumber(value, 3)} ${units[unit]}`;
}
