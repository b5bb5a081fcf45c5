import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod/mini";
import { failure, usageError } from "../common/errors.js";
import { fillOptions } from "../common/options/options.js";
import { firstIssue } from "../files/read-json.js";
import { batchOptions, MAXIMUM_EPOCHS, SHUFFLE_MODES, type ShuffleMode } from "./options.js";
import type { BatchOptions, LoaderState } from "./types.js";

/** The version of the format of states and of the orders that they refer to. */
const STATE_VERSION = 1;

/** What a state must agree with. */
export type StateBase = Pick<LoaderState, "fingerprint" | "columns">;

/** Batch options with their defaults filled in. */
export interface CheckedBatchOptions {
  batchSize: number;
  shuffle: ShuffleMode;
  bufferShards: number;
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
export const loaderStateSchema: z.ZodMiniType<LoaderState> = z.object({
  formatVersion: z.literal(STATE_VERSION),
  fingerprint: z.string(),
  columns: z.string(),
  seed: z.number().check(z.int(), z.nonnegative()),
  shuffle: z.enum(SHUFFLE_MODES),
  bufferShards: z.exactOptional(z.number().check(z.int(), z.positive())),
  batchSize: z.number().check(z.int(), z.positive()),
  dropLast: z.boolean(),
  epoch: z.number().check(z.int(), z.nonnegative()),
  index: z.number().check(z.int(), z.nonnegative()),
});

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
    throw failure(`The loader's state cannot be used: ${firstIssue(parsed.error, "state")}.`);
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
  const differing = (["seed", "shuffle", "bufferShards", "batchSize", "dropLast"] as const).find(
    (name) =>
      state[name] !== options[name] && (name !== "bufferShards" || state.shuffle === "buffer"),
  );
  if (differing !== undefined) {
    throw failure(
      `The loader's state was made ${state[differing] === undefined ? `without ${differing}` : `with ${differing} ${state[differing]}`}, not ${options[differing]}; continue with the same options.`,
    );
  }
}

/**
 * Fills in the defaults of batch options.
 *
 * @throws a usage error that names the option, or a failure for a state that does not fit
 */
export function checkBatchOptions(options: BatchOptions, base: StateBase): CheckedBatchOptions {
  const {
    epoch: firstEpoch,
    epochs,
    rank,
    scratch,
    ...filled
  } = fillOptions(batchOptions, options);
  if (firstEpoch + epochs > MAXIMUM_EPOCHS) {
    throw usageError(
      (option) =>
        `${option("epochs")} must be at most ${MAXIMUM_EPOCHS - firstEpoch} after ${option("epoch")} ${firstEpoch}, not ${epochs}.`,
    );
  }
  if (rank >= filled.worldSize) {
    throw usageError(
      (option) =>
        `${option("rank")} must be below ${option("worldSize")} ${filled.worldSize}, not ${rank}.`,
    );
  }
  const checked: CheckedBatchOptions = {
    ...filled,
    workers: filled.workers ?? undefined,
    firstEpoch,
    endEpoch: firstEpoch + epochs,
    scratch: path.resolve(scratch ?? tmpdir()),
    rank,
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
