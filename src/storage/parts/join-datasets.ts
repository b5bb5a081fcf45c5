import { lstat, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { failure, throwIfAborted } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { checkFreeSpace } from "../../files/free-space.js";
import { linkOrCopy } from "../../files/link-or-copy.js";
import { isOwnName, outputEntries } from "../../files/output-folder.js";
import { checkShard } from "../verify/check-shard.js";
import { createShardPool, type ShardPool } from "../dataset/shard-pool.js";
import { finishDataset, type WrittenDataset } from "../dataset/write-dataset.js";
import type { WriteOptions } from "../dataset/write-shards.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { DATASET_FOLDER, inDatasetFolder } from "../output/dataset-folder.js";
import { createJournal, readJournal } from "../output/journal.js";
import { collectShards, readParts, type PartShard, type PartSpecification } from "./read-parts.js";

/**
 * Joins the parts of a dataset, which `writePart` made on one or many machines. The result has the same
 * bytes as the dataset that one machine makes. The parts stay as they are: shards on the same disk become
 * hard links, others are copied, and each is hashed in its new folder. An interrupted join continues
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
  options: WriteOptions = {},
): Promise<WrittenDataset> {
  const parts = readParts(folders.map((folder) => path.resolve(folder)));
  const { specification } = parts;
  const shards = collectShards(parts);
  const folder = path.resolve(out);
  throwIfAborted(options.signal);
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
  let needed = 0;
  for (const { folder: part, entry } of shards) {
    const there = await stat(path.join(folder, entry.file)).catch(() => undefined);
    if (there === undefined && (await stat(part)).dev !== dev) needed += entry.bytes;
  }
  if (needed > 0) await checkFreeSpace(folder, needed, { what: "Copying the parts" });
}

async function placeShards(
  folder: string,
  shards: readonly PartShard[],
  { signal, onProgress }: WriteOptions,
): Promise<void> {
  const pool = createShardPool(Math.min(availableParallelism(), shards.length));
  const total = shards.reduce((sum, { entry }) => sum + entry.bytes, 0);
  let done = 0;
  try {
    await forEachLimited(shards, pool.threads, async (shard) => {
      throwIfAborted(signal);
      await placeShard(folder, shard, pool, signal);
      done += shard.entry.bytes;
      onProgress?.({ phase: "joining", done, total, unit: "bytes" });
    });
  } finally {
    await pool.close();
  }
}

/** Links or copies a shard, unless an interrupted join has done so, and checks it in its new folder. */
async function placeShard(
  folder: string,
  shard: PartShard,
  pool: ShardPool,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { entry } = shard;
  const isRight = async (): Promise<boolean> => {
    const { status } = await checkShard(folder, entry, (file) => pool.hash(file, signal));
    return status === "ok";
  };
  if (await isRight()) return;
  const source = path.join(shard.folder, entry.file);
  const found = await lstat(source).catch(() => undefined);
  if (found?.isFile() !== true) throw unusable(source, "is missing");
  if (found.size !== entry.bytes) {
    throw unusable(source, `has ${found.size} bytes instead of ${entry.bytes}`);
  }
  const target = path.join(folder, entry.file);
  await linkOrCopy(source, target);
  if (await isRight()) return;
  await rm(target, { force: true });
  throw unusable(source, "has another SHA-256 than its journal says");
}

function unusable(shard: string, what: string): Error {
  return failure(
    (option) =>
      `Shard ${shard} ${what}: make its part again with the same options and ${option("resume")}.`,
  );
}
