import { choice, count, size, text, toggle } from "../common/options/kinds.js";
import { optional, required, withDefault } from "../common/options/options.js";

/** How the rows of an epoch are ordered: see docs/shuffling.md. */
export const SHUFFLE_MODES = ["none", "shards", "window", "buffer", "global"] as const;

/** How rows are mixed: not at all, by whole shards, within a window of blocks, over some shards at a time, or all of them exactly. */
export type ShuffleMode = (typeof SHUFFLE_MODES)[number];

/** The most epochs: an epoch's number is 21 bits of a random stream's counter. */
export const MAXIMUM_EPOCHS: number = 2 ** 21;

/** The most threads: each takes some ten megabytes, and chunks besides. */
const MOST_WORKERS = 64;

/** The options of a loader that are plain values. */
export const batchOptions = {
  /** Rows per batch, over all ranks together. */
  batchSize: required(count(1, 2 ** 40), "Rows per batch"),
  shuffle: withDefault(
    choice(SHUFFLE_MODES),
    "none",
    "none, shards (order of files), window (blocks, mixed), buffer (near shards, mixed) or global (exact)",
  ),
  /** How many shards `buffer` mixes at a time. */
  bufferShards: withDefault(
    count(1, 2 ** 20),
    8,
    "Shuffle buffer: shards that are mixed at a time",
  ),
  /** Seed of the shuffle, 0 … 2⁵³−1. */
  seed: withDefault(count(), 42, "Seed of the shuffle"),
  /** The first epoch to go through; it takes part in the shuffle. */
  epoch: withDefault(count(0, MAXIMUM_EPOCHS - 1), 0, "First epoch"),
  /** How many epochs to go through, one after the other without a pause between. */
  epochs: withDefault(count(0, MAXIMUM_EPOCHS), 1, "Passes over the data"),
  /** Leave out an epoch's last batch if it would be smaller than `batchSize`. */
  dropLast: withDefault(toggle, false, "Leave out an epoch's last batch if it is smaller"),
  /** Bytes of read-ahead and shuffle buffers at most. */
  memory: withDefault(size, 256 * 2 ** 20, "Memory for reading ahead and shuffling", {
    changes: "speed",
    printed: "given",
  }),
  /**
   * Threads that read and shuffle; they do not change the order. Default: as many as there are cores,
   * at most eight. Loaders with the same number share them.
   */
  workers: optional(count(1, MOST_WORKERS), "Reading threads", "one per core, at most 8", {
    changes: "speed",
    printed: "given",
  }),
  /** Folder for the scratch files of `global`. */
  scratch: optional(
    text,
    "Shuffle global: folder for scratch files",
    "the system's temporary folder",
    {
      changes: "speed",
      printed: "given",
    },
  ),
  /** This consumer's number, 0 … worldSize−1. */
  rank: withDefault(count(0, 2 ** 20 - 1), 0, "This consumer's number"),
  /** Among how many consumers each batch is divided. */
  worldSize: withDefault(count(1, 2 ** 20), 1, "Consumers that share each batch"),
};

/** The options of a pass over all rows in float64. */
export const float64Options = {
  /** Rows to read, from the first on. */
  rows: optional(count(), "Rows to read", "all"),
  /** Rows that are handed out at once. */
  batchSize: optional(batchOptions.batchSize.kind, "Rows at once", "some 4 MiB of them"),
  /** Bytes of rows read ahead, at most. */
  memory: withDefault(size, 64 * 2 ** 20, "Rows read ahead, at most"),
};
