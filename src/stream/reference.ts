import { z } from "zod";
import { openDataset } from "./dataset.js";
import type { Dataset, DatasetOrigin } from "./types.js";

/** What a record says of a dataset, so that it can be opened again. */
export interface DatasetReference {
  /** A hint: what is there counts only where its fingerprint matches. */
  path: string;
  fingerprint: string;
  /** Of a table, and of a dataset of which only some columns were read: how it was opened. */
  origin?: DatasetOrigin;
}

/** The form of `origin` in a record. */
export const originSchema: z.ZodType<DatasetOrigin> = z.strictObject({
  source: z.union([z.string(), z.array(z.string())]),
  target: z.string().exactOptional(),
  features: z.array(z.string()).exactOptional(),
  invalid: z.enum(["error", "drop"]).exactOptional(),
});

/** What to write down of a dataset. */
export function referenceTo({ path, fingerprint, manifest, origin }: Dataset): DatasetReference {
  return { path, fingerprint, ...(manifest.kind === "foreign" && { origin }) };
}

/**
 * Opens the dataset of a record, whose fingerprint is the caller's to compare.
 *
 * @param source where it is instead; the same columns are read of it
 */
export function openReference(
  { path, origin }: DatasetReference,
  source?: string,
): Promise<Dataset> {
  if (origin === undefined) return openDataset(source ?? path);
  const { source: recorded, ...options } = origin;
  return openDataset(source ?? recorded, options);
}
