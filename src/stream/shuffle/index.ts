/**
 * The shuffles, one per file: each plans which rows the chunks of an epoch hold, and in what order.
 * They run in the main thread; chunks/ does the work in threads.
 *
 * @module
 */
import type { EpochPlan, PlanInput } from "../chunks/plan.js";
import type { ShuffleMode } from "../options.js";
import { planBuffer } from "./buffer.js";
import { planGlobal } from "./global.js";
import { planNone } from "./none.js";
import { planShards } from "./shards.js";
import { planWindow } from "./window.js";

export const PLANS: Readonly<Record<ShuffleMode, (input: PlanInput) => EpochPlan>> = {
  none: planNone,
  shards: planShards,
  window: planWindow,
  buffer: planBuffer,
  global: planGlobal,
};
