import path from "node:path";
import {
  createGrowingTable,
  readTable,
  writeTable,
  type TableColumn,
} from "../../storage/index.js";
import type { CertifiedInterval, Verdict } from "../certificate/intervals.js";
import type { LossProfile } from "../certificate/loss-profile.js";
import type { FallingKink, SweepTarget } from "../certificate/sweep.js";

const INTERVALS = "intervals.parquet";
const KINKS = "kinks.parquet";
const PROFILE = "profile.parquet";

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

/** Tables of a certificate that grow as the line is followed. */
export interface CertificateTables extends SweepTarget {
  flush(): Promise<void>;
  finish(profile: LossProfile): Promise<void>;
}

/** @param folder of the files intervals.parquet, kinks.parquet and profile.parquet */
export function createCertificateTables(folder: string): CertificateTables {
  const intervals = createGrowingTable(path.join(folder, INTERVALS), intervalColumns);
  const kinks = createGrowingTable(path.join(folder, KINKS), kinkColumns);
  return {
    interval: ({ from, to, verdict, least, bound }) =>
      intervals.add([from, to, CODES[verdict], least, bound]),
    kink: ({ alpha, slopeChange, bound, row, layer, unit }) =>
      kinks.add([alpha, slopeChange, bound, row, layer, unit]),
    async flush() {
      await intervals.flush();
      await kinks.flush();
    },
    async finish(profile) {
      await intervals.finish();
      await kinks.finish();
      await writeTable(path.join(folder, PROFILE), profileColumns, { ...profile });
    },
  };
}

const profileColumns: readonly TableColumn[] = [
  { name: "alpha", type: "DOUBLE" },
  { name: "loss", type: "DOUBLE" },
  { name: "slope", type: "DOUBLE" },
  { name: "secondDerivative", type: "DOUBLE" },
];

/** Reads intervals.parquet of a certificate's folder. */
export async function readIntervals(folder: string): Promise<CertifiedInterval[]> {
  const file = path.join(folder, INTERVALS);
  const { from, to, convex, leastSecondDerivative, bound } = await readTable(file, intervalColumns);
  return Array.from(from!, (start, at) => ({
    from: start,
    to: to![at]!,
    verdict: convex![at] === 1 ? "convex" : convex![at] === 0 ? "negative" : "undecided",
    least: leastSecondDerivative![at]!,
    bound: bound![at]!,
  }));
}

/** Reads kinks.parquet of a certificate's folder. */
export async function readKinks(folder: string): Promise<FallingKink[]> {
  const file = path.join(folder, KINKS);
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

/** Reads profile.parquet of a certificate's folder. */
export async function readProfile(folder: string): Promise<LossProfile> {
  const { alpha, loss, slope, secondDerivative } = await readTable(
    path.join(folder, PROFILE),
    profileColumns,
  );
  return { alpha: alpha!, loss: loss!, slope: slope!, secondDerivative: secondDerivative! };
}
