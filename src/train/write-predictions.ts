import { existsSync } from "node:fs";
import path from "node:path";
import { failure, usageError } from "../common/errors.js";
import { inNewFolder } from "../common/folders.js";
import { writeArrowTable, writeLongTable } from "../storage/index.js";
import type { TableColumn, TableValues } from "../storage/index.js";
import type { Dataset } from "../stream/index.js";
import { predict, type PredictOptions } from "./predict.js";
import type { Run } from "./types.js";

/** The column that is added to the source's. */
const PREDICTION = "prediction";

/** Where predictions are. */
export interface WrittenPredictions {
  /** The file, absolute. */
  file: string;
  rows: number;
}

/**
 * Writes a dataset's rows with a run's `prediction` beside them, streamed, as one file
 * `predictions.parquet` or `predictions.arrow` that appears only when it is whole. Columns are the
 * features, the target and the prediction, under the names that the dataset has.
 *
 * @param options.out the folder; made where it is not there
 * @throws a usage error where the folder holds such a file already or a column has that name; a
 *   failure where rows cannot be read or the file cannot be written
 */
export async function writePredictions(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions & { out: string; format?: "arrow" | "parquet" },
): Promise<WrittenPredictions> {
  const { out, format = "parquet", ...others } = options;
  const names = [...dataset.featureNames, dataset.targetName, PREDICTION];
  if (names.indexOf(PREDICTION) !== names.length - 1) {
    throw usageError(
      `${dataset.path} has a column '${PREDICTION}' already; choose other --features.`,
    );
  }
  const folder = path.resolve(out);
  const file = path.join(folder, `predictions.${format}`);
  const refusal = (reason: string): string => `Could not make the folder ${folder}: ${reason}.`;
  await inNewFolder(folder, refusal, async () => {
    if (existsSync(file)) {
      throw usageError(`${folder} holds ${path.basename(file)} already; choose another --out.`);
    }
    const columns = names.map((name): TableColumn => ({ name, type: "DOUBLE" }));
    const parts = rowsWithPredictions(run, dataset, names, others);
    if (format === "parquet") await writeLongTable(file, columns, dataset.rows, parts, true);
    else await writeArrowTable(file, names, parts);
  });
  return { file, rows: dataset.rows };
}

/**
 * The rows as the source has them, which a second loader reads, beside the predictions.
 *
 * @yields the columns of some rows
 */
async function* rowsWithPredictions(
  run: Run | string,
  dataset: Dataset,
  names: readonly string[],
  options: PredictOptions,
): AsyncGenerator<TableValues, void, void> {
  // Row groups of a useful size, and the same for both passes.
  const batchSize = options.batchSize ?? 65_536;
  const predictions = predict(run, dataset, { ...options, batchSize });
  const { features } = dataset;
  try {
    for await (const { x, y, rows } of dataset.batches({
      batchSize,
      shuffle: "none",
      recycle: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })) {
      const found = await predictions.next();
      if (found.done === true) throw failure(`${dataset.path} ended before its last row.`);
      const columns: Float32Array[] = Array.from({ length: features }, (_, feature) =>
        Float32Array.from({ length: rows }, (_value, row) => x[row * features + feature]!),
      );
      columns.push(y.slice(0, rows), found.value);
      yield Object.fromEntries(names.map((name, at) => [name, columns[at]!]));
    }
  } finally {
    await predictions.return();
  }
}
