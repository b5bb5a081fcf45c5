import path from "node:path";
import { writePart, type PartSpec } from "../../../src/storage/index.js";

export const KINDS = ["lsm", "two-layer-sigmoid"] as const;
export const FORMATS = ["arrow", "parquet"] as const;
/** A dataset of five shards, the last of 450 rows. */
export const common = { rows: 4450, features: 3, seed: 7, shardRows: 1000 } as const;
/** The shards of three parts. */
export const PARTS: readonly string[] = ["1,3", "0", "2,4"];

/** Writes the parts of a dataset, and returns their folders. */
export async function makeParts(
  folder: string,
  spec: Omit<PartSpec, "out" | "shards">,
): Promise<string[]> {
  const folders: string[] = [];
  for (const [index, shards] of PARTS.entries()) {
    const out = path.join(folder, `part-${index}`);
    await writePart({ ...spec, out, shards });
    folders.push(out);
  }
  return folders;
}
