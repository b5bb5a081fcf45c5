/**
 * Opens shards and reads their rows. Threads that only read import this file instead of the door of
 * storage, whose writers would cost each thread some tenths of a second and 15 MiB.
 *
 * @module
 */
export { openShard } from "./shard-reader.js";
export type { RowSelection, RowTarget, ShardReader, ShardSource } from "../format/types.js";
export { countSelected } from "./selected-rows.js";
export { mergeMoments } from "../format/moments.js";
export { rowBytes } from "../format/shard-format.js";
