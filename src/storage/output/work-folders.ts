import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { hashBytes } from "../../files/hash.js";
import { lockHolder } from "../../files/lock.js";
import { systemCacheFolder } from "../../files/system/system-cache.js";

/*
 * The folders on disk in which datasets are made that go to a store: `data` in a folder that is named after the URL and
 * locked meanwhile.
 */

/** Milliseconds after which a work folder without a change is one that a killed process has left: no shard takes a day. */
const ABANDONED_AFTER = 24 * 3600 * 1000;

/** The folder of all work folders. */
function writingFolder(): string {
  return path.join(systemCacheFolder(), "writing");
}

/** The work folder for a URL; `data` in it is the dataset's. */
export function workFolder(url: string): string {
  return path.join(writingFolder(), hashBytes(url).slice(0, 16));
}

/**
 * Removes the work folders of other URLs that killed processes have left. Where machines share the folder, a process
 * that lives on another one looks dead, so time has to pass as well.
 */
export async function clearWorkFolders(): Promise<void> {
  const writing = writingFolder();
  for (const name of await readdir(writing).catch(() => [])) {
    const base = path.join(writing, name);
    try {
      const changed = await Promise.all([base, path.join(base, "data")].map(changeOf));
      if (lockHolder(base) !== undefined || Date.now() - Math.max(...changed) < ABANDONED_AFTER) {
        continue;
      }
      await rm(base, { recursive: true, force: true });
    } catch {
      // Another process removes it, or it belongs to another user: this job does not need its space.
    }
  }
}

async function changeOf(folder: string): Promise<number> {
  return (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0;
}
