/**
 * The cache of shards on disk, which processes share: what it holds, what is brought next, and what goes.
 * Uses the thread that speaks with stores.
 *
 * @module
 */
export { withCachedShards, type Cancelled } from "./cached-shards.js";
