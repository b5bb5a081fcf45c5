import { z } from "zod/mini";
import { pickOptions } from "../common/options/options.js";
import type { RecordedPreparation, SourceOptions } from "../storage/index.js";
import { cacheOptions } from "../storage/options.js";
import { openDataset } from "./dataset.js";
import type { Dataset, DatasetOrigin } from "./types.js";

/** A reference to a dataset in a record, from which it can be opened again. */
export interface DatasetReference {
  /** A hint: another dataset may be there now. */
  path: string;
  fingerprint: string;
  /** How it was opened; for foreign tables, and datasets of which only some columns were read. */
  origin?: DatasetOrigin;
  /** How its rows were made of a table, if by a query; new files of the table are prepared alike. */
  preparation?: RecordedPreparation;
}

/** Where shards from object storage are kept. */
export type CacheOptions = Pick<SourceOptions, "cache" | "cacheSize">;

/** The form of `origin` in a record. */
export const originSchema: z.ZodMiniType<DatasetOrigin> = z.strictObject({
  source: z.union([z.string(), z.array(z.string())]),
  target: z.exactOptional(z.string()),
  features: z.exactOptional(z.array(z.string())),
  invalid: z.exactOptional(z.enum(["error", "drop"])),
});

/** The reference to a dataset, for a record. */
export function referenceTo({ path, fingerprint, manifest, origin }: Dataset): DatasetReference {
  const preparation = preparationOf(manifest);
  return {
    path,
    fingerprint,
    ...(manifest.kind === "foreign" && { origin }),
    ...(preparation && { preparation }),
  };
}

function preparationOf(manifest: Dataset["manifest"]): RecordedPreparation | undefined {
  if (manifest.kind !== "table") return undefined;
  const { query, columns, csvOptions } = manifest.source;
  if (query === undefined || columns === undefined) return undefined;
  return { query, columns, ...(csvOptions && { csvOptions }), outputs: manifest.columns };
}

/**
 * Opens the dataset of a record. The caller compares its fingerprint.
 *
 * @param source where it is now; the same columns are read
 * @param cache where shards from object storage are kept
 */
export function openReference(
  { path, origin }: DatasetReference,
  source?: string,
  cache: CacheOptions = {},
): Promise<Dataset> {
  const given = pickOptions(cacheOptions, cache);
  if (origin === undefined) return openDataset(source ?? path, given);
  const { source: recorded, ...options } = origin;
  return openDataset(source ?? recorded, { ...options, ...given });
}
