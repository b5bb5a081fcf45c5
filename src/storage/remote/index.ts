/**
 * Datasets in object storage (s3://) and on web servers (https://): reading small objects, and shards through a
 * cache on disk. A thread of its own speaks with the store. Loaded only for such datasets.
 * Uses format.
 *
 * @module
 */
export { readObject } from "./object-thread.js";
export { withCachedShards, type Cancelled } from "./cached-shards.js";
