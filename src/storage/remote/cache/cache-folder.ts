import { rmSync, statSync, utimesSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { failure, messageOf, systemCode, VadiError } from "../../../common/errors.js";
import { isAlive } from "../../../common/process/processes.js";
import { ensureFolder } from "../../../files/folders.js";
import { lockFolder, lockHolder } from "../../../files/lock.js";
import { linkOrCopyNow } from "../../../files/system/link-or-copy.js";

/*
 * The cache of shards on disk, which the processes of one machine share:
 *
 *   shards/SHA256             a shard that is whole; its access time says when it was used last
 *   arriving/SHA256/part      a shard on its way, as long as it will be, in a folder that its process has locked
 *   held/PID-THREAD/SHA256    a hard link to a shard that this thread's readers use
 *   .lock                     held while space is made
 *
 * A shard that is held has more than one link, and is not removed. What killed processes have left is removed when
 * space is made.
 */

/** Milliseconds between two tries to get a lock or space. */
const PAUSE = 25;

/** A cache's folder, and the bytes that it may have. */
export interface CacheFolder {
  folder: string;
  size: number;
}

/** A file that is named by its content. */
export interface CachedFile {
  /** Hex, of the whole file. */
  sha256: string;
  bytes: number;
}

/** Whether a shard is in the cache. */
export function isCached({ folder }: CacheFolder, { sha256 }: CachedFile): boolean {
  return statSync(path.join(folder, "shards", sha256), { throwIfNoEntry: false }) !== undefined;
}

function heldFolder(folder: string): string {
  return path.join(folder, "held", `${process.pid}-${threadId}`);
}

/** Folders in which this thread holds shards; they go when the process ends. */
const holding = new Set<string>();

/**
 * Makes the cache's folders.
 *
 * @throws a failure that names the folder
 */
export async function openCacheFolder({ folder }: CacheFolder): Promise<void> {
  const held = heldFolder(folder);
  if (holding.has(held)) return;
  try {
    // A process of the same number may have died.
    await rm(held, { recursive: true, force: true });
    for (const made of ["shards", "arriving", held]) {
      await ensureFolder(path.resolve(folder, made));
    }
  } catch (error) {
    throw cacheError(folder, error);
  }
  if (holding.size === 0) {
    process.once("exit", () => {
      for (const own of holding) rmSync(own, { recursive: true, force: true });
    });
  }
  holding.add(held);
}

function cacheError(folder: string, error: unknown): VadiError {
  if (error instanceof VadiError) return error;
  return failure(
    (option) =>
      `The folder ${folder} cannot be a cache: ${messageOf(error)}; name another with ${option("cache")}.`,
    error,
  );
}

/**
 * Holds a shard that is in the cache.
 *
 * @returns the path under which it stays readable until `dropHold`; undefined where it is not in the cache
 */
export function holdCached({ folder }: CacheFolder, { sha256 }: CachedFile): string | undefined {
  const file = path.join(folder, "shards", sha256);
  const held = path.join(heldFolder(folder), sha256);
  try {
    linkOrCopyNow(file, held);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw cacheError(folder, error);
  }
  touch(held);
  return held;
}

/** Keeps a shard that is in the cache from being the next one that is removed. */
export function touchCached({ folder }: CacheFolder, { sha256 }: CachedFile): void {
  touch(path.join(folder, "shards", sha256));
}

function touch(file: string): void {
  try {
    // The time of change stays to the bit: a reader takes a file whose time differs for another one.
    utimesSync(file, new Date(), statSync(file).mtime);
  } catch {
    // On a read-only or foreign file the order of removal suffers, and nothing else.
  }
}

/** Ends a hold. */
export function dropHold(held: string): void {
  rmSync(held, { force: true });
}

/** A shard's place while it arrives. */
export interface Arriving {
  /** A file of the shard's length. */
  part: string;
  /** The shard is whole: it gets its name. */
  finish(): Promise<void>;
  /** It did not arrive. */
  abandon(): Promise<void>;
}

/**
 * Makes space for a shard, by removing those that were used longest ago.
 *
 * @returns "busy" where another process is bringing this shard or has just done so; "full" where those that are
 *   held leave no space
 */
export async function reserve(
  cache: CacheFolder,
  file: CachedFile,
): Promise<Arriving | "busy" | "full"> {
  const { folder } = cache;
  const arriving = path.join(folder, "arriving", file.sha256);
  try {
    const unlock = await lockPatiently(folder);
    try {
      if (isCached(cache, file) || lockHolder(arriving) !== undefined) return "busy";
      await clearAbandoned(folder);
      if (!(await makeSpace(cache, file.bytes))) return "full";
      return await startArriving(folder, arriving, file);
    } finally {
      unlock();
    }
  } catch (error) {
    throw cacheError(folder, error);
  }
}

/** Space is made one process after the other, and one shard after the other within a process. */
async function lockPatiently(folder: string): Promise<() => void> {
  for (;;) {
    if (lockHolder(folder) === undefined) {
      try {
        return lockFolder(folder);
      } catch (error) {
        // Another process was faster.
        if (!(error instanceof VadiError)) throw error;
      }
    }
    await pause(PAUSE * Math.random());
  }
}

async function startArriving(
  folder: string,
  arriving: string,
  { sha256, bytes }: CachedFile,
): Promise<Arriving> {
  await mkdir(arriving, { recursive: true });
  const unlock = lockFolder(arriving);
  const part = path.join(arriving, "part");
  const end = async (): Promise<void> => {
    // Nobody else may lock the folder between these two.
    const release = await lockPatiently(folder);
    unlock();
    await rm(arriving, { recursive: true, force: true }).finally(release);
  };
  try {
    const handle = await open(part, "w");
    // Its length counts as used from now on.
    await handle.truncate(bytes).finally(() => handle.close());
  } catch (error) {
    unlock();
    await rm(arriving, { recursive: true, force: true });
    throw error;
  }
  return {
    part,
    async finish() {
      try {
        // The time of change is kept to the bit when the time of use changes, which takes a whole number of seconds. The
        // time of use itself is exact: a shard that came ahead of its use is not the oldest.
        await utimes(part, new Date(), Math.floor(Date.now() / 1000));
        await rename(part, path.join(folder, "shards", sha256));
      } catch (error) {
        throw cacheError(folder, error);
      } finally {
        await end();
      }
    },
    abandon: end,
  };
}

/** Removes what killed processes have left. */
async function clearAbandoned(folder: string): Promise<void> {
  for (const holder of await readdir(path.join(folder, "held"))) {
    const pid = Number.parseInt(holder, 10);
    if (isAlive(pid)) continue;
    await rm(path.join(folder, "held", holder), { recursive: true, force: true });
  }
  for (const name of await readdir(path.join(folder, "arriving"))) {
    const arriving = path.join(folder, "arriving", name);
    if (lockHolder(arriving) === undefined) await rm(arriving, { recursive: true, force: true });
  }
}

/** Removes the shards that were used longest ago and nobody holds, until there is space for so many bytes. */
async function makeSpace({ folder, size }: CacheFolder, bytes: number): Promise<boolean> {
  const shards: { file: string; size: number; used: number; isHeld: boolean }[] = [];
  let free = size - bytes;
  // Those that arrive first: a shard that becomes whole meanwhile is then found in both folders, and never in none.
  const arriving = new Map<string, number>();
  for (const name of await readdir(path.join(folder, "arriving"))) {
    const part = path.join(folder, "arriving", name, "part");
    arriving.set(name, (await stat(part).catch(() => undefined))?.size ?? 0);
  }
  for (const name of await readdir(path.join(folder, "shards"))) {
    const file = path.join(folder, "shards", name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) continue;
    arriving.delete(name);
    free -= found.size;
    shards.push({ file, size: found.size, used: found.atimeMs, isHeld: found.nlink > 1 });
  }
  for (const part of arriving.values()) free -= part;
  const removable = shards.filter(({ isHeld }) => !isHeld).toSorted((a, b) => a.used - b.used);
  for (const shard of removable) {
    if (free >= 0) return true;
    await rm(shard.file, { force: true });
    free += shard.size;
  }
  return free >= 0;
}
