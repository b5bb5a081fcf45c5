import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { TEMPORARY_SUFFIX } from "../../files/system/flush.js";
import { isOwnName, outputEntries } from "../../files/output-folder.js";
import type { ShardEntry } from "../format/manifest.js";
import { DATASET_FOLDER } from "./dataset-folder.js";
import {
  createJournal,
  JOURNAL_FILE,
  readJournal,
  type Journal,
  type JournalContent,
  type JournalLine,
} from "./journal.js";
import { remoteOutputOf, shownFolder, type RemoteOutput } from "./remote-output.js";
import { exists } from "../../files/folders.js";

/**
 * Reads the journal of an interrupted job that is to be resumed.
 *
 * @param identity what decides the bytes of the shards; only a job with the same can be resumed
 * @returns undefined where there is nothing to resume
 * @throws a failure where the interrupted job was another
 */
export function readEarlier(
  folder: string,
  resume: boolean,
  identity: Record<string, unknown>,
): JournalContent | undefined {
  const earlier = resume ? readJournal(folder) : undefined;
  if (earlier?.spec === undefined) return undefined;
  if (JSON.stringify(earlier.spec) === JSON.stringify(identity)) return earlier;
  const shown = shownFolder(folder);
  throw failure(
    (option) =>
      `${shown} holds an unfinished dataset of another source or specification; resume with the options it was started with, or use ${option("force")} to start again.`,
  );
}

/** The state from which a job resumes. */
export interface Resumed {
  /** The shards that need not be made again, by file name. */
  finished: ReadonlyMap<string, ShardEntry>;
  /** The open journal, which lists them. */
  journal: Journal;
  /** Of an output in a store: copies a shard there from another folder of it. */
  copy(from: string, shard: ShardEntry): Promise<void>;
}

/**
 * Prepares a folder for making its missing shards: keeps the shards that have the size and the hash that the
 * journal names, removes everything else that an earlier job left, and starts a new journal.
 *
 * @param maxima for the new journal, if they are known
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
  const remote = remoteOutputOf(folder);
  // Those in a store have been looked at there.
  const unchecked = remote === undefined ? (earlier?.shards.values() ?? []) : [];
  for (const entry of remote === undefined ? [] : (earlier?.shards.values() ?? [])) {
    finished.set(entry.file, entry);
  }
  await forEachLimited(unchecked, limit, async (entry) => {
    const file = path.join(folder, entry.file);
    if (!exists(file) || (await stat(file)).size !== entry.bytes) return;
    if ((await hash(file)) === entry.sha256) finished.set(entry.file, entry);
  });
  for (const entry of await outputEntries(folder, DATASET_FOLDER)) {
    // The journal stays until the new one replaces it: a folder with shards always has one.
    if (entry === JOURNAL_FILE || finished.has(entry)) continue;
    if (isOwnName(entry, DATASET_FOLDER)) await rm(path.join(folder, entry));
  }
  await clearTemporary(folder);
  const header: JournalLine[] = [{ spec: identity }, ...(maxima === undefined ? [] : [{ maxima }])];
  const journal = await createJournal(folder, [
    ...header,
    ...[...finished.values()].map((shard) => {
      const rounding = earlier?.rounding.get(shard.file);
      const sourceRows = earlier?.sourceRows.get(shard.file);
      return {
        shard,
        ...(rounding && { rounding }),
        ...(sourceRows !== undefined && { sourceRows }),
      };
    }),
  ]);
  if (remote === undefined) {
    return { finished, journal, copy: () => Promise.reject(new Error("Not in a store.")) };
  }
  return { finished, ...inStore(remote, header, journal) };
}

/** A journal whose shards go to a store. What all shards have in common goes there before the first of them. */
function inStore(
  remote: RemoteOutput,
  header: readonly JournalLine[],
  journal: Journal,
): Pick<Resumed, "journal" | "copy"> {
  let started: Promise<void> | undefined;
  const start = (): Promise<void> => (started ??= remote.putHeader(header));
  return {
    journal: {
      async write(line) {
        if ("shard" in line) {
          await start();
          await remote.putShard(line);
        } else await (started = remote.putHeader([...header, line]));
        await journal.write(line);
      },
      close: () => journal.close(),
    },
    async copy(from, shard) {
      await start();
      await remote.copyShard(from, shard);
    },
  };
}

/** Removes what a job has written that can never be resumed: its source cannot be read, or has changed. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const entry of await outputEntries(folder, DATASET_FOLDER)) {
    if (isOwnName(entry, DATASET_FOLDER)) await rm(path.join(folder, entry));
  }
}

/** Removes the temporary files of threads that were stopped while they wrote. */
export async function clearTemporary(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (entry.endsWith(TEMPORARY_SUFFIX)) await rm(path.join(folder, entry), { force: true });
  }
}
