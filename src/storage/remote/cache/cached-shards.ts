import { interruption } from "../../../common/errors.js";
import type { RemoteFile, ShardSource } from "../../format/types.js";
import { shardCache, type ShardCache } from "./shard-cache.js";

/** Whether the result of a job is not wanted any more. */
export type Cancelled = () => boolean;

/** How often that is asked while shards arrive, in milliseconds. */
const CANCEL_INTERVAL = 100;

/**
 * Runs a job on shards some of which are in a store: they are brought to the cache first, and stay there until the
 * job ends. Meanwhile the next shards are brought.
 *
 * @param next shards that will be wanted soon, the first one first
 * @param run is called with the shards as files on disk
 * @throws a failure that names a shard which cannot be read, or the cache where it is too small
 */
export async function withCachedShards<Result>(
  shards: readonly ShardSource[],
  next: readonly ShardSource[],
  isCancelled: Cancelled,
  run: (shards: ShardSource[]) => Promise<Result>,
): Promise<Result> {
  const all = shards.flatMap(({ remote }) => remote ?? []);
  const [first] = all;
  if (first === undefined) return run([...shards]);
  const cache = shardCache(first.cache);
  const files = [...new Map(all.map((file) => [file.sha256, file])).values()];
  await untilCancelled(cache.admit(files), isCancelled, () => cache.release(files));
  const wishes: (() => void)[] = [];
  try {
    const held = holdAll(cache, files);
    for (const { remote } of next) if (remote) wishes.push(cache.prefetch(remote));
    const paths = await untilCancelled(held, isCancelled, () => dropAll(cache, files));
    try {
      return await run(
        shards.map(({ remote, ...shard }) => ({
          ...shard,
          file: remote === undefined ? shard.file : paths.get(remote.sha256)!,
        })),
      );
    } finally {
      dropAll(cache, files);
    }
  } finally {
    for (const end of wishes) end();
    cache.release(files);
  }
}

/** Holds all files or none. */
async function holdAll(
  cache: ShardCache,
  files: readonly RemoteFile[],
): Promise<Map<string, string>> {
  const held = await Promise.allSettled(files.map((file) => cache.hold(file)));
  const failed = held.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") {
    dropAll(
      cache,
      files.filter((_, index) => held[index]!.status === "fulfilled"),
    );
    throw failed.reason;
  }
  return new Map(
    held.flatMap((hold, index) =>
      hold.status === "fulfilled" ? [[files[index]!.sha256, hold.value]] : [],
    ),
  );
}

function dropAll(cache: ShardCache, files: readonly RemoteFile[]): void {
  for (const file of files) cache.drop(file);
}

/**
 * Waits for a value, or until nobody wants it.
 *
 * @param undo is called where the value comes after that
 */
function untilCancelled<Value>(
  value: Promise<Value>,
  isCancelled: Cancelled,
  undo: () => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      if (!isCancelled()) return;
      clearInterval(timer);
      reject(interruption());
      value.then(undo, () => {});
    }, CANCEL_INTERVAL);
    value.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
