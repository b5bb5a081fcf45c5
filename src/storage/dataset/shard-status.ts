/** What verification found about one file of a dataset. */
export interface ShardStatus {
  file: string;
  status: "ok" | "damaged" | "missing" | "extra";
  /** Why, where it is not ok. */
  reason?: string;
  /** It was not as it should be, and now is. */
  repaired?: true;
}
