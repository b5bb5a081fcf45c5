import { STREAMS } from "../../generate/index.js";
import { fillPermutation, streamRow } from "./permutation.js";
import type { EpochPlan, PlanInput } from "../chunks/plan.js";
import { sequentialPlan } from "./none.js";

/** `shards`: the shards in a random order, the rows of each in file order. */
export function planShards(input: PlanInput): EpochPlan {
  const order = new Uint32Array(input.shards.length);
  fillPermutation(
    order,
    order.length,
    input.seed,
    STREAMS.shuffleShards,
    streamRow(input.epoch, 0),
  );
  return sequentialPlan(input, order);
}
