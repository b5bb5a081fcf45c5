import { lstat, readdir, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { failure, systemCode, throwIfAborted } from "../../common/errors.js";
import { checkFreeSpace } from "../../files/free-space.js";
import { createWorkerPool, forEachLimited, type WorkerPool } from "../../common/worker-pool.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { finishDataset } from "../dataset/finish-dataset.js";
import { createJournal, JOURNAL_FILE, readJournal } from "../output/journal.js";
import { LOCK_FILE } from "../../files/lock.js";
import { inLockedFolder } from "../output/locked-folder.js";
import { maximaWarnings } from "../dataset/maxima.js";
import { isOwnFile } from "../output/output-folder.js";
import { collectShards, readParts, type PartSpecification, type PlacedShard } from "./parts.js";
import { placeFile } from "../../files/link-or-copy.js";
import type { ShardTask, ShardTaskResult } from "../dataset/shard-worker.js";
import type { WrittenDataset } from "../dataset/write-dataset.js";
import type { WriteOptions } from "../dataset/write-shards.js";

/**
 * Puts parts of a dataset, which `writePart` made on one or many machines, together to a whole one
 * with the bytes of one made whole. The parts stay as they are: shards on the same disk are hard
 * links, others copies, and each is hashed in its new place. A join that was interrupted goes on when
 * it is started again.
 *
 * @param folders the parts' folders, in any order
 * @param out folder of the whole: new, empty, or that of the same join interrupted
 * @throws a failure that names the parts and the option in which they differ, or the shard that is
 *   missing, twice there or damaged; an interruption
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
  await checkOutput(folder, specification);
  return inLockedFolder(folder, "The parts could not be joined to", async () => {
    await checkCopies(folder, shards);
    (await createJournal(folder, [{ spec: journalSpec(specification) }])).close();
    await placeShards(folder, shards, options);
    throwIfAborted(options.signal);
    const { maxima, generator } = specification;
    const manifest = await finishDataset(folder, {
      ...specification,
      shards: shards.map(({ entry }) => entry),
      maxima,
      generator,
    });
    await rm(path.join(folder, JOURNAL_FILE), { force: true });
    return {
      path: folder,
      manifest,
      bytes: shards.reduce((sum, { entry }) => sum + entry.bytes, 0),
      warnings: maxima === undefined ? [] : maximaWarnings(maxima, specification.row.seed),
    };
  });
}

/** What the journal of a join says, by which an interrupted one is known again. */
function journalSpec(specification: PartSpecification): Record<string, unknown> {
  return { ...specification, joined: true };
}

async function checkOutput(folder: string, specification: PartSpecification): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    if (systemCode(error) === "ENOTDIR") {
      throw failure(`${folder} is a file; --out must name a folder.`, error);
    }
    throw error;
  }
  const found = entries.filter((entry) => entry !== LOCK_FILE);
  if (found.length === 0) return;
  const earlier = readJournal(folder)?.spec;
  const isSameJoin = JSON.stringify(earlier) === JSON.stringify(journalSpec(specification));
  const inTheWay = found.includes(MANIFEST_FILE)
    ? MANIFEST_FILE
    : found.find((entry) => !isSameJoin || !isOwnFile(entry));
  if (inTheWay === undefined) return;
  throw failure(
    `${folder} is not empty: it holds '${inTheWay}'; --out of a join must name a new folder.`,
  );
}

/** Shards on another disk are copied, which needs space. */
async function checkCopies(folder: string, shards: readonly PlacedShard[]): Promise<void> {
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
  shards: readonly PlacedShard[],
  options: WriteOptions,
): Promise<void> {
  const threads = Math.min(availableParallelism(), shards.length);
  const pool: WorkerPool<ShardTask, ShardTaskResult> = createWorkerPool(
    new URL("../dataset/shard-worker.js", import.meta.url),
    threads,
  );
  const total = shards.reduce((sum, { entry }) => sum + entry.bytes, 0);
  let done = 0;
  const isRight = async (file: string, { entry }: PlacedShard): Promise<boolean> => {
    const found = await lstat(file).catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (found === undefined || !found.isFile() || found.size !== entry.bytes) return false;
    return (await pool.run({ type: "hash", file }, options.signal)) === entry.sha256;
  };
  try {
    await forEachLimited(shards, threads, async (shard) => {
      throwIfAborted(options.signal);
      const { entry } = shard;
      const source = path.join(shard.folder, entry.file);
      const target = path.join(folder, entry.file);
      if (!(await isRight(target, shard))) {
        const found = await lstat(source).catch(() => undefined);
        if (found?.isFile() !== true) throw unusable(shard, "is missing");
        if (found.size !== entry.bytes) {
          throw unusable(shard, `has ${found.size} bytes instead of ${entry.bytes}`);
        }
        await placeFile(source, target);
        if (!(await isRight(target, shard))) {
          await rm(target, { force: true });
          throw unusable(shard, "has another SHA-256 than its journal says");
        }
      }
      done += entry.bytes;
      options.onProgress?.({ phase: "joining", done, total, unit: "bytes" });
    });
  } finally {
    await pool.close();
  }
}

function unusable({ folder, entry }: PlacedShard, what: string): Error {
  return failure(
    `Shard ${path.join(folder, entry.file)} ${what}: make it again by the command that made the part, with --resume.`,
  );
}
