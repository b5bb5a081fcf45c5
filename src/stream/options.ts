import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { failure, usageError } from "../common/errors.js";
import type { BatchOptions, LoaderState, ShuffleMode } from "./types.js";

export const SHUFFLE_MODES: readonly ShuffleMode[] = ["none", "shards", "window", "global"];

/** Epochs at the most: an epoch's number is 21 bits of a random stream's counter. */
export const MAXIMUM_EPOCHS: number = 2 ** 21;
const DEFAULT_MEMORY = 256 * 1024 * 1024;
/** Threads at the most: each takes some ten megabytes, and chunks besides. */
const MOST_WORKERS = 64;
/** Of the form of states, and of the orders that they stand in. */
const STATE_VERSION = 1;

/** What a state must agree with. */
export type StateBase = Pick<LoaderState, "fingerprint" | "columns">;

/** Batch options with their defaults filled in. */
export interface CheckedBatchOptions {
  batchSize: number;
  shuffle: ShuffleMode;
  seed: number;
  firstEpoch: number;
  /** One past the last epoch. */
  endEpoch: number;
  dropLast: boolean;
  memory: number;
  /** Undefined where it is left to the pool. */
  workers: number | undefined;
  scratch: string;
  rank: number;
  worldSize: number;
  /** Where to start. */
  start: { epoch: number; index: number };
  signal: AbortSignal | undefined;
  recycle: boolean;
}

/** The form of a loader's state in a record. */
export const loaderStateSchema: z.ZodType<LoaderState> = z.object({
  formatVersion: z.literal(STATE_VERSION),
  fingerprint: z.string(),
  columns: z.string(),
  seed: z.number().int().nonnegative(),
  shuffle: z.enum(["none", "shards", "window", "global"]),
  batchSize: z.number().int().positive(),
  dropLast: z.boolean(),
  epoch: z.number().int().nonnegative(),
  index: z.number().int().nonnegative(),
});

/** @throws a usage error unless the value is a whole number in the range */
export function whole(option: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw usageError(`${option} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
  return value;
}

/** Refuses a state that does not belong to this dataset and these options. */
function checkState(from: LoaderState, base: StateBase, options: CheckedBatchOptions): void {
  const version: unknown = (from as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === "number" && version !== STATE_VERSION) {
    throw failure(
      `The loader's state has format version ${version}, and this version of vadi continues from ${STATE_VERSION} only; use the version that made the state, or start the epoch again.`,
    );
  }
  const parsed = loaderStateSchema.safeParse(from);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? "state" : issue.path.join(".");
    throw failure(`The loader's state cannot be used: ${place}: ${issue?.message}.`);
  }
  const state = parsed.data;
  if (state.fingerprint !== base.fingerprint) {
    throw failure("The loader's state belongs to another dataset: the fingerprints differ.");
  }
  if (state.columns !== base.columns) {
    throw failure(
      "The loader's state was made with other columns: open the table with the same target, features and way with invalid values.",
    );
  }
  const differing = (["seed", "shuffle", "batchSize", "dropLast"] as const).find(
    (name) => state[name] !== options[name],
  );
  if (differing !== undefined) {
    throw failure(
      `The loader's state was made with ${differing} ${state[differing]}, not ${options[differing]}; continue with the same options.`,
    );
  }
}

/**
 * Fills in the defaults of batch options.
 *
 * @throws a usage error that names the option, or a failure for a state that does not fit
 */
export function checkBatchOptions(options: BatchOptions, base: StateBase): CheckedBatchOptions {
  const shuffle = options.shuffle ?? "none";
  if (!SHUFFLE_MODES.includes(shuffle)) {
    throw usageError(`--shuffle must be ${SHUFFLE_MODES.join(", ")}, not '${String(shuffle)}'.`);
  }
  const firstEpoch = whole("epoch", options.epoch ?? 0, 0, MAXIMUM_EPOCHS - 1);
  const epochs = whole("--epochs", options.epochs ?? 1, 0, MAXIMUM_EPOCHS - firstEpoch);
  const worldSize = whole("worldSize", options.worldSize ?? 1, 1, 2 ** 20);
  const checked: CheckedBatchOptions = {
    batchSize: whole("--batch-size", options.batchSize, 1, 2 ** 40),
    shuffle,
    seed: whole("--seed", options.seed ?? 42, 0, Number.MAX_SAFE_INTEGER),
    firstEpoch,
    endEpoch: firstEpoch + epochs,
    dropLast: options.dropLast ?? false,
    memory: whole("--memory", options.memory ?? DEFAULT_MEMORY, 1, Number.MAX_SAFE_INTEGER),
    workers:
      options.workers === undefined
        ? undefined
        : whole("--workers", options.workers, 1, MOST_WORKERS),
    scratch: path.resolve(options.scratch ?? tmpdir()),
    rank: whole("rank", options.rank ?? 0, 0, worldSize - 1),
    worldSize,
    start: { epoch: firstEpoch, index: 0 },
    signal: options.signal,
    recycle: options.recycle ?? false,
  };
  if (options.from !== undefined) {
    checkState(options.from, base, checked);
    checked.start = { epoch: options.from.epoch, index: options.from.index };
  }
  return checked;
}
