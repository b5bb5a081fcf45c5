/**
 * Datasets in object storage (s3://) and on web servers (https://): reading and writing objects, and `cache`, through
 * which shards are read. A thread of its own speaks with the store. Loaded only for such datasets.
 * Uses format.
 *
 * @module
 */
export { ABANDONED_AFTER, endUploads } from "./abandoned-uploads.js";
export {
  copyObject,
  describeObject,
  fetchObject,
  hashObject,
  listObjects,
  putObject,
  readObject,
  removeObject,
} from "./object-thread.js";
export type { ObjectDescription } from "./types.js";
export { withCachedShards, type Cancelled } from "./cache/index.js";
