export type { Manifest, ShardEntry } from "./manifest.js";
export { manifestSchema } from "./manifest.js";

/** What verification found about one file of a dataset. */
export interface ShardStatus {
  file: string;
  status: "ok" | "damaged" | "missing" | "extra";
  /** Why, where it is not ok. */
  reason?: string;
}

/** What verification found. */
export interface VerifyResult {
  ok: boolean;
  shards: ShardStatus[];
}
