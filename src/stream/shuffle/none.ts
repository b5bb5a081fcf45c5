import { rowBytes } from "../../storage/index.js";
import {
  rangeFinder,
  sequentialChunkRows,
  type EpochPlan,
  type PlanInput,
} from "../chunks/plan.js";

/** Reads shard after shard in a given order, the rows of each in file order. */
export function sequentialPlan(input: PlanInput, order: ArrayLike<number>): EpochPlan {
  const { shards, rows, features } = input;
  const length = sequentialChunkRows(input.batchSize, rowBytes(features));
  const rangesOf = rangeFinder(shards, order);
  const chunkRows = (chunk: number): number => Math.min(length, rows - chunk * length);
  return {
    chunks: Math.ceil(rows / length),
    async prepare() {},
    chunkRows,
    startsAnywhere: true,
    task(chunk, unread) {
      const count = chunkRows(chunk) - unread;
      return {
        type: "read",
        ranges: rangesOf(chunk * length + unread, count),
        shards,
        rows: count,
        features,
        permute: undefined,
      };
    },
    async release() {},
  };
}

/** `none`: rows in file order. */
export function planNone(input: PlanInput): EpochPlan {
  return sequentialPlan(input, Uint32Array.from(input.shards.keys()));
}
