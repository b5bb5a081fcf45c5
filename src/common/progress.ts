/** One report of how far a job is. */
export interface Progress {
  /** What is being done, in a few words: `generating`, `training`, … */
  phase: string;
  /** How much is done, in `unit`. */
  done: number;
  /** How much there is to do, in `unit`. */
  total: number;
  unit: "rows" | "steps" | "bytes" | "shards" | "batches" | "kinks" | "snapshots";
  /** Rows that have passed so far, where the unit is not rows. */
  rows?: number;
  /** Bytes that have passed so far. */
  bytes?: number;
  /** The latest training loss. */
  loss?: number;
  /** R² on the validation rows after the latest epoch. */
  rSquared?: number;
}

/** Called now and then from the thread that called the library; it must return quickly. */
export type OnProgress = (progress: Progress) => void;
