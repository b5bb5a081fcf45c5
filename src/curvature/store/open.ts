import path from "node:path";
import { failure, usageError } from "../../common/errors.js";
import { checkFiles } from "../../files/checksums.js";
import { checkInside } from "../../files/inside.js";
import { readJson } from "../../files/read-json.js";
import { loadModel } from "../../model/index.js";
import type { CurvatureResult } from "../types.js";
import { CURVATURE_FILES } from "./output.js";
import { CURVATURE_FILE, curvatureRecordSchema } from "./record.js";
import { readBatchValues, readDensity, readPath } from "./tables.js";

/**
 * Opens a curvature's folder.
 *
 * @throws a failure where it is not one, or a file is damaged
 */
export async function openCurvature(dir: string): Promise<CurvatureResult> {
  const folder = path.resolve(dir);
  const record = await readJson(
    path.join(folder, CURVATURE_FILE),
    curvatureRecordSchema,
    "a curvature's record",
  );
  await checkInside(folder, [...CURVATURE_FILES, ...record.directions]);
  await checkFiles(folder, [CURVATURE_FILE]);
  return {
    dir: folder,
    record,
    async direction(k) {
      const name = `directions/${k}`;
      if (record.directions.includes(name)) return loadModel(path.join(folder, name));
      throw usageError(
        `${folder} has no eigenvector ${k}; it has ${record.directions.map((own) => path.basename(own)).join(", ")}.`,
      );
    },
    async perBatch() {
      if (record.perBatch !== null) return readBatchValues(path.join(folder, "batches.parquet"));
      throw failure(
        (option) =>
          `${folder} holds no eigenvalues of batches; compute it again with ${option("perBatch")}.`,
      );
    },
    async alongPath() {
      const { alongPath } = record;
      if (alongPath !== null)
        return readPath(path.join(folder, "path.parquet"), alongPath.stability !== null);
      throw failure(
        (option) =>
          `${folder} holds no eigenvalues along the path; compute it again with ${option("alongPath")}.`,
      );
    },
    async density() {
      if (record.negative !== null) return readDensity(path.join(folder, "density.parquet"));
      throw failure(
        (option) => `${folder} holds no density; compute it again with ${option("density")}.`,
      );
    },
  };
}
