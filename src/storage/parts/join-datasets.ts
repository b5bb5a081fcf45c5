import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { GivenOptions } from "../../common/options/options.js";
import { failure, throwIfAborted } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { checkFreeSpace } from "../../files/system/free-space.js";
import { lstat } from "../../files/lstat.js";
import { linkOrCopy } from "../../files/system/link-or-copy.js";
import { isOwnName, outputEntries } from "../../files/output-folder.js";
import { checkShards, inGroups } from "../verify/check-shard.js";
import type { joinOptions } from "../options.js";
import { createShardPool, type ShardPool } from "../dataset/shard-pool.js";
import { finishDataset, type WrittenDataset } from "../dataset/write-dataset.js";
import type { WriteOptions } from "../dataset/write-shards.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { absoluteLocation, isRemote } from "../format/location.js";
import { DATASET_FOLDER, inDatasetFolder, remoteJob } from "../output/dataset-folder.js";
import { createJournal, readJournal } from "../output/journal.js";
import { inRemoteOutput } from "../output/remote-output.js";
import { readEarlier, resumeShards } from "../output/resume-shards.js";
import {
  collectShards,
  readParts,
  type Parts,
  type PartShard,
  type PartSpecification,
} from "./read-parts.js";

/** Shards that are copied to a store or uploaded at once. */
const AT_ONCE = 6;

/** How parts are joined. */
export interface JoinOptions extends WriteOptions {
  /**
   * How each shard is checked: by its hash, for which all bytes are read, or only by its size. It was hashed as it was
   * written. Default `hash`.
   */
  check?: GivenOptions<typeof joinOptions>["check"];
}

/**
 * Joins the parts of a dataset, which `writePart` made on one or many machines. The result has the same
 * bytes as the dataset that one machine makes. The parts stay as they are: shards on the same disk become
 * hard links, others are copied, and each is checked in its new folder. An interrupted join continues
 * when it is started again.
 *
 * @param folders the parts' folders, in any order
 * @param out the dataset's folder: new, empty, or that of the same join interrupted
 * @throws a failure that names the parts and the option in which they differ, or a shard that is
 *   missing, in two parts or damaged; an interruption
 */
export async function joinDatasets(
  folders: readonly string[],
  out: string,
  options: JoinOptions = {},
): Promise<WrittenDataset> {
  const parts = await readParts(folders.map(absoluteLocation));
  const { specification } = parts;
  const shards = collectShards(parts);
  throwIfAborted(options.signal);
  if (isRemote(out)) return joinRemotely(parts, shards, absoluteLocation(out), options);
  const folder = path.resolve(out);
  await checkFolder(folder, specification);
  return inDatasetFolder(folder, { resume: true }, async () => {
    await checkSpace(folder, shards);
    (await createJournal(folder, [{ spec: journalSpec(specification) }])).close();
    await placeShards(folder, shards, options);
    throwIfAborted(options.signal);
    return finishDataset(folder, {
      ...specification,
      shards: shards.map(({ entry }) => entry),
    });
  });
}

/** Joins parts into a folder of a store: shards of parts in the same store are copied there, others uploaded. */
function joinRemotely(
  { specification }: Parts,
  shards: readonly PartShard[],
  url: string,
  options: WriteOptions,
): Promise<WrittenDataset> {
  const { signal, onProgress } = options;
  const output = { out: url, resume: true, force: false };
  const job = remoteJob(output, signal);
  const identity = journalSpec(specification);
  return inRemoteOutput(url, job, (work, resume) =>
    inDatasetFolder(work, { resume: true }, async () => {
      const earlier = readEarlier(work, resume, identity);
      const pool = createShardPool(Math.min(availableParallelism(), shards.length));
      const resumed = await resumeShards(work, identity, earlier, undefined, 1, async () => "");
      const total = shards.reduce((sum, { entry }) => sum + entry.bytes, 0);
      let done = 0;
      try {
        await forEachLimited(shards, AT_ONCE, async (shard) => {
          throwIfAborted(signal);
          const { folder, entry } = shard;
          if (resumed.finished.get(entry.file)?.sha256 !== entry.sha256) {
            if (/^s3:/i.test(folder)) await resumed.copy(folder, entry);
            else {
              await placeGroup(work, [shard], pool, signal);
              await resumed.journal.write({ shard: entry });
            }
          }
          done += entry.bytes;
          onProgress?.({ phase: "joining", done, total, unit: "bytes" });
        });
      } finally {
        resumed.journal.close();
        await pool.close();
      }
      throwIfAborted(signal);
      const entries = shards.map(({ entry }) => entry);
      return {
        ...(await finishDataset(work, { ...specification, shards: entries })),
        path: url,
      };
    }),
  );
}

/** The first line of a join's journal, by which an interrupted join is recognised. */
function journalSpec(specification: PartSpecification): Record<string, unknown> {
  return { ...specification, joined: true };
}

/** Throws unless a folder is new, empty, or that of the same join interrupted. */
async function checkFolder(folder: string, specification: PartSpecification): Promise<void> {
  const entries = await outputEntries(folder, DATASET_FOLDER);
  if (entries.length === 0) return;
  const earlier = readJournal(folder)?.spec;
  const isSameJoin = JSON.stringify(earlier) === JSON.stringify(journalSpec(specification));
  const inTheWay = entries.includes(MANIFEST_FILE)
    ? MANIFEST_FILE
    : entries.find((entry) => !isSameJoin || !isOwnName(entry, DATASET_FOLDER));
  if (inTheWay === undefined) return;
  throw failure(
    (option) =>
      `${folder} is not empty: it holds '${inTheWay}'; ${option("out")} of a join must name a new folder.`,
  );
}

/** Throws a failure where the shards that must be copied, because they are on another disk, do not fit. */
async function checkSpace(folder: string, shards: readonly PartShard[]): Promise<void> {
  const { dev } = await stat(folder);
  const there = new Set(await readdir(folder));
  const parts = new Set(shards.map(({ folder: part }) => part));
  const elsewhere = new Set<string>();
  for (const part of parts) {
    if (isRemote(part) || (await stat(part)).dev !== dev) elsewhere.add(part);
  }
  let needed = 0;
  for (const { folder: part, entry } of shards) {
    if (elsewhere.has(part) && !there.has(entry.file)) needed += entry.bytes;
  }
  if (needed > 0) await checkFreeSpace(folder, needed, { what: "Copying the parts" });
}

async function placeShards(
  folder: string,
  shards: readonly PartShard[],
  { check = "hash", signal, onProgress }: JoinOptions,
): Promise<void> {
  const pool = createShardPool(Math.min(availableParallelism(), shards.length));
  const total = shards.reduce((sum, { entry }) => sum + entry.bytes, 0);
  let done = 0;
  try {
    const groups = inGroups(shards, ({ entry }) => entry.bytes);
    await forEachLimited(groups, pool.threads, async (group) => {
      throwIfAborted(signal);
      await placeGroup(folder, group, check === "hash" ? pool : undefined, signal);
      done += group.reduce((sum, { entry }) => sum + entry.bytes, 0);
      onProgress?.({ phase: "joining", done, total, unit: "bytes" });
    });
  } finally {
    await pool.close();
  }
}

/** Links or copies shards, unless an interrupted join has done so, and checks them in their new folder. */
async function placeGroup(
  folder: string,
  shards: readonly PartShard[],
  pool: ShardPool | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const wrongOf = async (some: readonly PartShard[]): Promise<PartShard[]> => {
    const entries = some.map(({ entry }) => entry);
    const hash = pool && ((files: string[]) => pool.hashAll(files, signal));
    const found = await checkShards(folder, entries, hash);
    return some.filter((_, at) => found[at]?.status !== "ok");
  };
  const left = await wrongOf(shards);
  const linked = left.filter((shard) => !isRemote(shard.folder));
  for (const shard of left) await placeShard(folder, shard);
  const [wrong] = await wrongOf(linked);
  if (wrong === undefined) return;
  await rm(path.join(folder, wrong.entry.file), { force: true });
  throw unusable(
    path.join(wrong.folder, wrong.entry.file),
    "has another SHA-256 than its journal says",
  );
}

async function placeShard(folder: string, shard: PartShard): Promise<void> {
  const { entry } = shard;
  const target = path.join(folder, entry.file);
  if (isRemote(shard.folder)) return fetchShard(shard, target);
  const source = path.join(shard.folder, entry.file);
  const found = await lstat(source).catch(() => undefined);
  if (found?.isFile() !== true) throw unusable(source, "is missing");
  if (found.size !== entry.bytes) {
    throw unusable(source, `has ${found.size} bytes instead of ${entry.bytes}`);
  }
  await linkOrCopy(source, target);
}

/** Brings a shard from a store, checked against its hash. */
async function fetchShard({ folder, entry }: PartShard, target: string): Promise<void> {
  const { fetchObject } = await import("../remote/index.js");
  const { file: name, bytes, sha256 } = entry;
  await writeFile(target, "");
  try {
    const cancel = new SharedArrayBuffer(4);
    await fetchObject({ folder, name, bytes, sha256, file: target, cancel });
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

function unusable(shard: string, what: string): Error {
  return failure(
    (option) =>
      `Shard ${shard} ${what}: make its part again with the same options and ${option("resume")}.`,
  );
}
