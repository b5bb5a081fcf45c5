import { failure, messageOf } from "../../common/errors.js";
import { writeAtomic } from "../../files/atomic.js";
import { readTable, writeTable, type TableColumn } from "../../storage/index.js";
import type { HessianEigenvalue, SpectralDensity } from "../types.js";

const densityColumns: readonly TableColumn[] = ["eigenvalue", "density", "deviation"].map(
  (name): TableColumn => ({ name, type: "DOUBLE" }),
);

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

/** Writes density.parquet: one row a point of the grid. */
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
