import { readTable, writeTable, type TableColumn } from "../../storage/index.js";
import type { CertifiedInterval, Verdict } from "../certificate/intervals.js";
import type { FallingKink } from "../certificate/sweep.js";

const intervalColumns: readonly TableColumn[] = [
  { name: "from", type: "DOUBLE" },
  { name: "to", type: "DOUBLE" },
  { name: "convex", type: "INT32" },
  { name: "leastSecondDerivative", type: "DOUBLE" },
  { name: "bound", type: "DOUBLE" },
];

/** 1 convex, 0 a negative second derivative, −1 undecided. */
const CODES: Record<Verdict, number> = { convex: 1, negative: 0, undecided: -1 };

const kinkColumns: readonly TableColumn[] = [
  { name: "alpha", type: "DOUBLE" },
  { name: "slopeChange", type: "DOUBLE" },
  { name: "bound", type: "DOUBLE" },
  { name: "row", type: "INT64" },
  { name: "layer", type: "INT32" },
  { name: "unit", type: "INT32" },
];

/** Writes intervals.parquet, one row an interval. */
export async function writeIntervals(
  file: string,
  intervals: readonly CertifiedInterval[],
): Promise<void> {
  await writeTable(file, intervalColumns, {
    from: intervals.map(({ from }) => from),
    to: intervals.map(({ to }) => to),
    convex: intervals.map(({ verdict }) => CODES[verdict]),
    leastSecondDerivative: intervals.map(({ least }) => least),
    bound: intervals.map(({ bound }) => bound),
  });
}

/** Reads intervals.parquet back. */
export async function readIntervals(file: string): Promise<CertifiedInterval[]> {
  const { from, to, convex, leastSecondDerivative, bound } = await readTable(file, intervalColumns);
  return Array.from(from!, (start, at) => ({
    from: start,
    to: to![at]!,
    verdict: convex![at] === 1 ? "convex" : convex![at] === 0 ? "negative" : "undecided",
    least: leastSecondDerivative![at]!,
    bound: bound![at]!,
  }));
}

/** Writes kinks.parquet, one row a kink at which the slope falls. */
export async function writeKinks(file: string, kinks: readonly FallingKink[]): Promise<void> {
  const columns = kinkColumns.map(({ name }) => [
    name,
    kinks.map((kink) => kink[name as keyof FallingKink]),
  ]);
  await writeTable(file, kinkColumns, Object.fromEntries(columns) as Record<string, number[]>);
}

/** Reads kinks.parquet back. */
export async function readKinks(file: string): Promise<FallingKink[]> {
  const { alpha, slopeChange, bound, row, layer, unit } = await readTable(file, kinkColumns);
  return Array.from(alpha!, (value, at) => ({
    alpha: value,
    slopeChange: slopeChange![at]!,
    bound: bound![at]!,
    row: row![at]!,
    layer: layer![at]!,
    unit: unit![at]!,
  }));
}
