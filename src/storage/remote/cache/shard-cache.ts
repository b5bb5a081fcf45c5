import { setTimeout as pause } from "node:timers/promises";
import { failure, type VadiError } from "../../../common/errors.js";
import { formatBytes } from "../../../common/text/sizes.js";
import type { RemoteFile } from "../../format/types.js";
import {
  dropHold,
  holdCached,
  isCached,
  openCacheFolder,
  reserve,
  touchCached,
  type CacheFolder,
} from "./cache-folder.js";
import { fetchObject } from "../object-thread.js";

/** Milliseconds between two looks at what another process is doing. */
const PAUSE = 50;
/** How long a shard stays held after its last use, in milliseconds: the next use is often near. */
const IDLE = 1000;
/** How long a download goes on that nobody wants any more, in milliseconds. */
const UNWANTED = 5000;
/** How long other processes may hold all space, in milliseconds. */
const FULL = 60_000;

/** A shard on its way to the cache. */
interface Arrival {
  done: Promise<void>;
  cancel: SharedArrayBuffer;
  wanted: number;
  timer: NodeJS.Timeout | undefined;
}

/** A shard that this thread holds. */
interface Hold {
  path: string;
  bytes: number;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** This thread's view of a cache. */
export interface ShardCache {
  /** Waits until so many of the cache's bytes are in use by nobody here, and takes them. */
  admit(files: readonly RemoteFile[]): Promise<void>;
  /** Ends what `admit` began. */
  release(files: readonly RemoteFile[]): void;
  /** Brings a shard, and holds it until `drop`. */
  hold(file: RemoteFile): Promise<string>;
  drop(file: RemoteFile): void;
  /**
   * Brings a shard that will be used soon, unless there is no space beside those in use.
   *
   * @returns ends the wish
   */
  prefetch(file: RemoteFile): () => void;
}

const caches = new Map<string, ShardCache>();

/** The cache in a folder; all loaders of this thread share it. */
export function shardCache(place: CacheFolder): ShardCache {
  const key = `${place.size} ${place.folder}`;
  const cache = caches.get(key) ?? createShardCache(place);
  caches.set(key, cache);
  return cache;
}

function createShardCache(place: CacheFolder): ShardCache {
  const holds = new Map<string, Hold>();
  const arrivals = new Map<string, Arrival>();
  /** The files that admitted readers use, and how many readers. */
  const admitted = new Map<string, { bytes: number; readers: number }>();
  /** The files that the readers will want next. */
  const wished = new Set<RemoteFile>();
  const waiting: { files: readonly RemoteFile[]; enter: () => void }[] = [];
  let opened: Promise<void> | undefined;

  const bytesAdmitted = (more: readonly RemoteFile[] = []): number => {
    const all = new Map([...admitted].map(([sha256, { bytes }]) => [sha256, bytes]));
    for (const { sha256, bytes } of more) all.set(sha256, bytes);
    return [...all.values()].reduce((sum, bytes) => sum + bytes, 0);
  };

  function enter(files: readonly RemoteFile[]): void {
    for (const { sha256, bytes } of files) {
      const readers = (admitted.get(sha256)?.readers ?? 0) + 1;
      admitted.set(sha256, { bytes, readers });
    }
  }

  function admitWaiting(): void {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (bytesAdmitted(first.files) > place.size) return;
      waiting.shift();
      enter(first.files);
      first.enter();
    }
  }

  /** Frees what is held without being used. */
  function dropIdle(): void {
    for (const [sha256, hold] of holds) if (hold.users === 0) drop(sha256, hold);
  }

  function drop(sha256: string, hold: Hold): void {
    clearTimeout(hold.timer);
    holds.delete(sha256);
    dropHold(hold.path);
  }

  /** Starts to bring a shard, or joins what brings it already. */
  function want(file: RemoteFile): Arrival {
    let arrival = arrivals.get(file.sha256);
    if (arrival === undefined) {
      const cancel = new SharedArrayBuffer(4);
      const done = bring(file, cancel).finally(() => arrivals.delete(file.sha256));
      // The error is thrown again where the shard is used.
      done.catch(() => {});
      arrival = { done, cancel, wanted: 0, timer: undefined };
      arrivals.set(file.sha256, arrival);
    }
    clearTimeout(arrival.timer);
    arrival.wanted++;
    return arrival;
  }

  function unwant(arrival: Arrival): void {
    if (--arrival.wanted > 0) return;
    arrival.timer = setTimeout(() => {
      Atomics.store(new Int32Array(arrival.cancel), 0, 1);
    }, UNWANTED).unref();
  }

  async function bring(file: RemoteFile, cancel: SharedArrayBuffer): Promise<void> {
    await (opened ??= openCacheFolder(place));
    const deadline = Date.now() + FULL;
    for (;;) {
      if (isCached(place, file)) return;
      // Which shards go is decided by when they were used, not by which ones are still held.
      dropIdle();
      const space = await reserve(place, file);
      if (typeof space === "object") {
        const { folder, name, bytes, sha256 } = file;
        try {
          await fetchObject({ folder, name, bytes, sha256, file: space.part, cancel });
          await space.finish();
        } catch (error) {
          await space.abandon();
          throw error;
        }
        return;
      }
      if (space === "full" && Date.now() > deadline) throw heldByOthers(place, file);
      await pause(PAUSE);
    }
  }

  return {
    async admit(files) {
      const needed = files.reduce((sum, { bytes }) => sum + bytes, 0);
      if (needed > place.size) throw tooSmall(place, files, needed);
      if (waiting.length === 0 && bytesAdmitted(files) <= place.size) {
        enter(files);
        return;
      }
      await new Promise<void>((resolve) => waiting.push({ files, enter: resolve }));
    },
    release(files) {
      for (const { sha256 } of files) {
        const entry = admitted.get(sha256)!;
        if (--entry.readers === 0) admitted.delete(sha256);
      }
      admitWaiting();
    },
    async hold(file) {
      await (opened ??= openCacheFolder(place));
      for (;;) {
        let hold = holds.get(file.sha256);
        if (hold !== undefined) touchCached(place, file);
        else {
          const path = holdCached(place, file);
          if (path !== undefined) {
            hold = { path, bytes: file.bytes, users: 0, timer: undefined };
            holds.set(file.sha256, hold);
          }
        }
        if (hold !== undefined) {
          clearTimeout(hold.timer);
          hold.users++;
          return hold.path;
        }
        const arrival = want(file);
        await arrival.done.finally(() => unwant(arrival));
      }
    },
    drop(file) {
      const hold = holds.get(file.sha256);
      if (hold === undefined || --hold.users > 0) return;
      hold.timer = setTimeout(() => drop(file.sha256, hold), IDLE).unref();
    },
    prefetch(given) {
      // Several readers may wish for one file.
      const file = { ...given };
      if (bytesAdmitted([...wished, file]) > place.size) return () => {};
      wished.add(file);
      const end = (): void => void wished.delete(file);
      const isHere = holds.has(file.sha256) || (opened !== undefined && isCached(place, file));
      if (!arrivals.has(file.sha256) && isHere) {
        // It will be used sooner than those that are in use now, some of which may be done with.
        touchCached(place, file);
        return end;
      }
      const arrival = want(file);
      return () => {
        end();
        unwant(arrival);
      };
    },
  };
}

function tooSmall(place: CacheFolder, files: readonly RemoteFile[], needed: number): VadiError {
  const what =
    files.length === 1
      ? `${files[0]!.folder}/${files[0]!.name} has ${formatBytes(needed)}`
      : `${files.length} shards with ${formatBytes(needed)} are read at once`;
  return failure(
    (option) =>
      `The cache ${place.folder} is too small: ${what}, and ${option("cacheSize")} is ${formatBytes(place.size)}; choose a larger one${files.length === 1 ? "" : `, or ${option("shuffle")} buffer`}.`,
  );
}

function heldByOthers({ folder, size }: CacheFolder, { bytes }: RemoteFile): VadiError {
  return failure(
    (option) =>
      `The cache ${folder} is too small: other processes hold its ${formatBytes(size)}, and a shard of ${formatBytes(bytes)} waits; choose a larger ${option("cacheSize")}, or another folder with ${option("cache")}.`,
  );
}
