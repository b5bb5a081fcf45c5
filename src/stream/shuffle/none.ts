import { rowBytes } from "../../storage/index.js";
import {
  pieceFinder,
  sequentialChunkRows,
  type EpochPlan,
  type PlanInput,
} from "../chunks/plan.js";

/** Rows in the order of the shards that is given. */
export function sequentialPlan(input: PlanInput, order: ArrayLike<number>): EpochPlan {
  const { shards, rows, features } = input;
  const length = sequentialChunkRows(input.batchSize, rowBytes(features));
  const piecesOf = pieceFinder(shards, order);
  const chunkRows = (chunk: number): number => Math.min(length, rows - chunk * length);
  return {
    chunks: Math.ceil(rows / length),
    async prepare() {},
    chunkRows,
    startsAnywhere: true,
    task(chunk, skip) {
      const count = chunkRows(chunk) - skip;
      return {
        type: "read",
        pieces: piecesOf(chunk * length + skip, count),
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
