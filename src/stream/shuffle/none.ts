import { rowBytes } from "../../storage/index.js";
import { piecesOf, sequentialChunkRows, type EpochPlan, type PlanInput } from "../plan.js";

/** Rows in the order of the shards that is given. */
export function sequentialPlan(input: PlanInput, order: ArrayLike<number>): EpochPlan {
  const { shards, rows, features } = input;
  const length = sequentialChunkRows(input.batchSize, rowBytes(features));
  const chunkRows = (chunk: number): number => Math.min(length, rows - chunk * length);
  return {
    chunks: Math.ceil(rows / length),
    async prepare() {},
    chunkRows,
    task(chunk) {
      return {
        type: "read",
        pieces: piecesOf(shards, order, chunk * length, chunkRows(chunk)),
        shards: [...shards],
        rows: chunkRows(chunk),
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
