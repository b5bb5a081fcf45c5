import { failure, messageOf } from "../../common/errors.js";
import { writeAtomic } from "../../files/atomic.js";
import { readTable, writeTable, type TableColumn } from "../../storage/index.js";
import type { BatchEigenvalues } from "../batches/types.js";
import type { SnapshotSharpness } from "../sharpness/types.js";
import type { HessianEigenvalue, SpectralDensity } from "../types.js";

const densityColumns: readonly TableColumn[] = ["eigenvalue", "density", "deviation"].map(
  (name): TableColumn => ({ name, type: "DOUBLE" }),
);

const batchColumns: readonly TableColumn[] = [
  { name: "batch", type: "INT32" },
  { name: "least", type: "DOUBLE" },
  { name: "leastResidual", type: "DOUBLE" },
  { name: "largest", type: "DOUBLE" },
  { name: "largestResidual", type: "DOUBLE" },
];

/** Writes batches.parquet: one row per batch. */
export async function writeBatches(
  file: string,
  batches: readonly BatchEigenvalues[],
): Promise<void> {
  const columns = batchColumns.map(({ name }) => [
    name,
    batches.map((values) => values[name as keyof BatchEigenvalues]),
  ]);
  await writeTable(file, batchColumns, Object.fromEntries(columns) as Record<string, number[]>);
}

/** Reads batches.parquet back. */
export async function readBatchValues(file: string): Promise<BatchEigenvalues[]> {
  const { batch, least, leastResidual, largest, largestResidual } = await readTable(
    file,
    batchColumns,
  );
  return Array.from(batch!, (number, at) => ({
    batch: number,
    least: least![at]!,
    leastResidual: leastResidual![at]!,
    largest: largest![at]!,
    largestResidual: largestResidual![at]!,
  }));
}

/** @param hasLimit whether the optimiser has a limit of stable steps */
function pathColumns(hasLimit: boolean): readonly TableColumn[] {
  return [
    { name: "step", type: "INT64" },
    { name: "largest", type: "DOUBLE" },
    { name: "residual", type: "DOUBLE" },
    ...(hasLimit ? [{ name: "limit", type: "DOUBLE" } as const] : []),
  ];
}

/** Writes path.parquet: one row per snapshot, without the column `limit` where there is none. */
export async function writePath(file: string, path: readonly SnapshotSharpness[]): Promise<void> {
  await writeTable(file, pathColumns(path[0]!.limit !== null), {
    step: path.map(({ step }) => step),
    largest: path.map(({ largest }) => largest),
    residual: path.map(({ residual }) => residual),
    limit: path.map(({ limit }) => limit ?? 0),
  });
}

/** Reads path.parquet back. */
export async function readPath(file: string, hasLimit: boolean): Promise<SnapshotSharpness[]> {
  const { step, largest, residual, limit } = await readTable(file, pathColumns(hasLimit));
  return Array.from(step!, (own, at) => ({
    step: own,
    largest: largest![at]!,
    residual: residual![at]!,
    limit: limit?.[at] ?? null,
  }));
}

/** Writes eigenpairs.parquet: the least eigenvalues, then the largest, from the outside in. */
export async function writeEigenpairs(
  file: string,
  ends: { least: readonly HessianEigenvalue[]; largest: readonly HessianEigenvalue[] },
): Promise<void> {
  const rows = (["least", "largest"] as const).flatMap((end) =>
    ends[end].map((pair, at) => ({ end, index: at + 1, ...pair })),
  );
  try {
    const { fileWriter, parquetWrite } = await import("hyparquet-writer");
    await writeAtomic(file, async (temporary) => {
      await parquetWrite({
        writer: fileWriter(temporary),
        columnData: [
          { name: "end", data: rows.map(({ end }) => end), type: "STRING", nullable: false },
          {
            name: "index",
            data: Int32Array.from(rows, ({ index }) => index),
            type: "INT32",
            nullable: false,
          },
          {
            name: "eigenvalue",
            data: Float64Array.from(rows, ({ eigenvalue }) => eigenvalue),
            type: "DOUBLE",
            nullable: false,
          },
          {
            name: "residual",
            data: Float64Array.from(rows, ({ residual }) => residual),
            type: "DOUBLE",
            nullable: false,
          },
        ],
      });
    });
  } catch (error) {
    throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
  }
}

/** Writes density.parquet: one row per point of the grid. */
export async function writeDensity(
  file: string,
  { eigenvalues, density, deviation }: SpectralDensity,
): Promise<void> {
  await writeTable(file, densityColumns, { eigenvalue: eigenvalues, density, deviation });
}

/** Reads density.parquet back. */
export async function readDensity(file: string): Promise<SpectralDensity> {
  const { eigenvalue, density, deviation } = await readTable(file, densityColumns);
  return { eigenvalues: eigenvalue!, density: density!, deviation: deviation! };
}
