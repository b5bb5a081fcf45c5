/**
 * The narrow door of storage, for threads that read rows and do nothing else: behind the wide one
 * stand all writers with their libraries, which take a thread some tenths of a second and 15 MiB.
 *
 * @module
 */
export { openShard } from "./shard-reader.js";
export type { RowSelection, RowTarget, ShardReader, ShardSource } from "../format/types.js";
export { countSelected } from "./selected-rows.js";
export { mergeMoments } from "../format/moments.js";
export { rowBytes } from "../format/shard-format.js";
