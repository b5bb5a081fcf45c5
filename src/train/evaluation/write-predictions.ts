import path from "node:path";
import { usageError } from "../../common/errors.js";
import { exists, inNewFolder } from "../../files/folders.js";
import { createPause } from "../../common/pause.js";
import { writeTypedTable, type TypedColumn, type TypedField } from "../../storage/index.js";
import type { Dataset } from "../../stream/index.js";
import { openPredictor, type PredictOptions } from "./evaluate.js";
import type { Run } from "../types.js";
import { outputPath } from "../../files/output-path.js";

/** The column that is added to the source's columns. */
const PREDICTION = "prediction";

/** A file of predictions. */
export interface WrittenPredictions {
  /** The file, absolute. */
  file: string;
  rows: number;
}

/**
 * Writes a dataset's rows with a column `prediction`, streamed, to one file `predictions.parquet` or
 * `predictions.arrow`, atomically. The features and the target keep the source's values, types and names;
 * `prediction` is float64.
 *
 * @param options.out the folder; created if it does not exist
 * @param options.hasTarget whether the rows have a target, which is written too; default true
 * @throws a usage error where the folder holds such a file or a column has that name; a failure where
 *   rows cannot be read or the file cannot be written
 */
export async function writePredictions(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions & { out: string; format?: "arrow" | "parquet"; hasTarget?: boolean },
): Promise<WrittenPredictions> {
  const { out, format = "parquet", hasTarget = true, ...others } = options;
  const names = [...dataset.featureNames, ...(hasTarget ? [dataset.targetName] : [])];
  if (names.includes(PREDICTION)) {
    throw usageError(
      (option) =>
        `${dataset.path} has a column '${PREDICTION}' already; choose other ${option("features")}.`,
    );
  }
  const folder = outputPath(out);
  const file = path.join(folder, `predictions.${format}`);
  const refusal = (reason: string): string => `Could not make the folder ${folder}: ${reason}.`;
  await inNewFolder(folder, refusal, async () => {
    if (exists(file)) {
      throw usageError(
        (option) =>
          `${folder} holds ${path.basename(file)} already; choose another ${option("out")}.`,
      );
    }
    const fields = [
      ...names.map((name, at): TypedField => ({ name, type: dataset.columnTypes[at]! })),
      { name: PREDICTION, type: "float64" } as const,
    ];
    await writeTypedTable(
      file,
      format,
      fields,
      rowsWithPredictions(run, dataset, { ...others, hasTarget }),
    );
  });
  return { file, rows: dataset.rows };
}

/**
 * The source's columns and the predictions.
 *
 * @yields the columns of some rows
 */
async function* rowsWithPredictions(
  run: Run | string,
  dataset: Dataset,
  options: PredictOptions & { hasTarget: boolean },
): AsyncGenerator<TypedColumn[], void, void> {
  // By default 4 MiB of rows, a useful size of row groups.
  const { batchSize, memory, signal, onProgress } = options;
  const model = await openPredictor(run, dataset, options);
  const pause = createPause(signal);
  let done = 0;
  try {
    for await (const { columns, x, rows } of dataset.sourceColumns({ batchSize, memory, signal })) {
      const kept = options.hasTarget ? columns : columns.slice(0, -1);
      yield [...kept, await model.predict(model.standardized(x), rows)];
      done += rows;
      onProgress?.({ phase: "predicting", done, total: dataset.rows, unit: "rows" });
      await pause();
    }
  } finally {
    model.dispose();
  }
}
