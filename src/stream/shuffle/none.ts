import { rowBytes } from "../../storage/index.js";
import {
  rangeFinder,
  sequentialChunkRows,
  type EpochPlan,
  type PlanInput,
} from "../chunks/plan.js";
import { SHARDS_AHEAD } from "../chunks/tasks.js";

/** Reads shard after shard in a given order, the rows of each in file order. */
export function sequentialPlan(input: PlanInput, order: Uint32Array): EpochPlan {
  const { shards, rows, features } = input;
  const length = sequentialChunkRows(input.batchSize, rowBytes(features));
  const rangesOf = rangeFinder(shards, order);
  const chunkRows = (chunk: number): number => Math.min(length, rows - chunk * length);
  // places[s]: where shard s stands in the order.
  const places = new Uint32Array(order.length);
  for (const [place, shard] of order.entries()) places[shard] = place;
  return {
    chunks: Math.ceil(rows / length),
    async prepare() {},
    chunkRows,
    startsAnywhere: true,
    task(chunk, unread) {
      const count = chunkRows(chunk) - unread;
      const ranges = rangesOf(chunk * length + unread, count);
      const following = places[ranges.at(-1)?.shard ?? 0]! + 1;
      return {
        type: "read",
        ranges,
        ahead: [...order.subarray(following, following + SHARDS_AHEAD)],
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
