import { checkFreeSpace } from "../../files/free-space.js";
import type { CheckedSpec } from "./generate-spec.js";
import { rowBytes } from "../format/shard-format.js";

/** Throws a failure where the disk has less free than the dataset needs. */
export async function checkSpace(spec: CheckedSpec, folder: string): Promise<void> {
  // Compressed sizes are not known beforehand.
  if (spec.compression !== "none") return;
  await checkFreeSpace(folder, spec.rows * rowBytes(spec.row.features), {
    what: "The dataset",
    advice: "choose fewer rows or another disk",
  });
}
