import type { OutputChoice } from "../../files/output-folder.js";
import { openPartialOutput, type PartialOutput } from "../../files/partial-output.js";
import { CURVATURE_FILE } from "./record.js";

/** What a curvature's folder holds. The record is last, since it marks the result as complete. */
export const CURVATURE_FILES: readonly string[] = [
  "directions",
  "eigenpairs.parquet",
  "density.parquet",
  "batches.parquet",
  "path.parquet",
  CURVATURE_FILE,
];

/** Makes and locks a curvature's folder. Errors as of `openPartialOutput`. */
export function openCurvatureOutput(out: string, choice: OutputChoice): Promise<PartialOutput> {
  return openPartialOutput(out, { name: "a curvature", files: CURVATURE_FILES }, choice);
}
