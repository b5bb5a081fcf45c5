import type { OutputChoice } from "../../files/output-folder.js";
import { openPartialOutput, type PartialOutput } from "../../files/partial-output.js";
import { recordFile, unalignedFolder } from "./record.js";

/** What a landscape's folder holds. The record is last, since it marks the landscape as complete. */
export const LANDSCAPE_FILES: readonly string[] = [
  "centre",
  "directions",
  "means.parquet",
  "slices.parquet",
  "summary.parquet",
  "surface.parquet",
  unalignedFolder,
  recordFile,
];

/** A landscape's folder that this process has locked. */
export type Output = PartialOutput;

/** Makes and locks a landscape's folder. Errors as of `openPartialOutput`. */
export function openOutput(out: string, choice: OutputChoice): Promise<Output> {
  return openPartialOutput(out, { name: "a landscape", files: LANDSCAPE_FILES }, choice);
}
