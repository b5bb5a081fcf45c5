import type { Manifest } from "../format/manifest.js";

/** What was written. */
export interface ConvertedDataset {
  /** The folder, absolute. */
  path: string;
  manifest: Manifest;
  /** Of all shards together. */
  bytes: number;
  /** Rows of the source that had invalid values. */
  dropped: number;
  warnings: string[];
}
