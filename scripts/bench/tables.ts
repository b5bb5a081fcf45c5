import { formatBytes } from "../../src/common/text/sizes.js";
import type { Measurement } from "./measure.js";

/** How much faster one is than the other, beside what was aimed at. */
export interface Ratio {
  name: string;
  value: number;
  goal: string;
}

/** The first column to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** One line a program. */
export function measurementTable(measured: readonly Measurement[]): string[] {
  return columns([
    ["", "seconds", "least – most", "M rows/s", "MB/s", "peak memory"],
    ...measured.map(({ name, seconds, rowsPerSecond, bytes, peakRssBytes }) => [
      name,
      seconds.median.toFixed(2),
      `${seconds.least.toFixed(2)} – ${seconds.most.toFixed(2)}`,
      (rowsPerSecond / 1e6).toFixed(2),
      bytes === 0 ? "" : (bytes / 1e6 / seconds.median).toFixed(0),
      formatBytes(peakRssBytes),
    ]),
  ]);
}

export function ratioTable(ratios: readonly Ratio[]): string[] {
  return columns([
    ["ratios of the medians", "measured", "goal"],
    ...ratios.map(({ name, value, goal }) => [name, value.toFixed(2), goal]),
  ]);
}
