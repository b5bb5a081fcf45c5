import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { TEMPORARY_SUFFIX } from "../../files/atomic.js";
import {
  createJournal,
  JOURNAL_FILE,
  readJournal,
  type Journal,
  type JournalContent,
} from "./journal.js";
import { LOCK_FILE } from "../../files/lock.js";
import type { ShardEntry } from "../format/manifest.js";
import { isOwnFile } from "./output-folder.js";

/**
 * Reads what an interrupted run has noted, where it is to be gone on with.
 *
 * @param identity what decides the bytes; only a run with the same is gone on with
 * @throws a failure where it was another
 */
export function readEarlier(
  folder: string,
  resume: boolean,
  identity: Record<string, unknown>,
): JournalContent | undefined {
  const earlier = resume ? readJournal(folder) : undefined;
  if (earlier?.spec === undefined) return undefined;
  if (JSON.stringify(earlier.spec) === JSON.stringify(identity)) return earlier;
  throw failure(
    `${folder} holds an unfinished dataset of another source or specification; resume with the options it was started with, or use --force to start again.`,
  );
}

/** Shards that need not be made again, by file name, and the journal that says so. */
export interface Resumed {
  finished: ReadonlyMap<string, ShardEntry>;
  journal: Journal;
}

/**
 * Keeps the shards that are there and have the noted hash, removes whatever else an earlier run has
 * left, and starts the journal that goes on from there.
 *
 * @param maxima to be noted from the start, if they are known
 * @param limit how many files are hashed at once
 */
export async function resumeShards(
  folder: string,
  identity: Record<string, unknown>,
  earlier: JournalContent | undefined,
  maxima: readonly [number, number] | undefined,
  limit: number,
  hash: (file: string) => Promise<unknown>,
): Promise<Resumed> {
  const finished = new Map<string, ShardEntry>();
  await forEachLimited(earlier?.shards.values() ?? [], limit, async (entry) => {
    const file = path.join(folder, entry.file);
    if (!existsSync(file) || (await stat(file)).size !== entry.bytes) return;
    if ((await hash(file)) === entry.sha256) finished.set(entry.file, entry);
  });
  for (const entry of await readdir(folder)) {
    // The journal stays until the next one takes its place: a folder with shards always has one.
    if (entry === LOCK_FILE || entry === JOURNAL_FILE) continue;
    if (!finished.has(entry) && isOwnFile(entry)) await rm(path.join(folder, entry));
  }
  const journal = await createJournal(folder, [
    { spec: identity },
    ...(maxima === undefined ? [] : [{ maxima }]),
    ...[...finished.values()].map((shard) => {
      const rounding = earlier?.rounding.get(shard.file);
      return { shard, ...(rounding && { rounding }) };
    }),
  ]);
  return { finished, journal };
}

/** Removes the temporary files of threads that were stopped in the middle. */
export async function clearTemporary(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (entry.endsWith(TEMPORARY_SUFFIX)) await rm(path.join(folder, entry), { force: true });
  }
}
