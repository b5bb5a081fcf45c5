import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import {
  failure,
  interruption,
  messageOf,
  systemCode,
  throwIfAborted,
  VadiError,
} from "../common/errors.js";
import type { OnProgress } from "../common/progress.js";
import { VERSION } from "../common/version.js";
import { createWorkerPool, forEachLimited, type WorkerPool } from "../common/worker-pool.js";
import { trueWeights } from "../generate/index.js";
import { syncFolder, TEMPORARY_SUFFIX, writeFileAtomic } from "./atomic.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "./file-names.js";
import {
  checkGenerateSpec,
  shardRanges,
  type CheckedSpec,
  type GenerateSpec,
} from "./generate-spec.js";
import { hashBytes } from "./hash.js";
import {
  createJournal,
  JOURNAL_FILE,
  readJournal,
  type Journal,
  type JournalContent,
} from "./journal.js";
import { LOCK_FILE, lockFolder } from "./lock.js";
import type { Manifest, ShardEntry } from "./manifest.js";
import { findMaxima, maximaWarnings } from "./maxima.js";
import { checkSpace, inspectFolder, isOwnFile } from "./output-folder.js";
import { shardFile } from "./shard-format.js";
import type { ShardTask, ShardTaskResult } from "./shard-worker.js";

const GENERATOR: { name: string; version: string } = { name: "vadi", version: VERSION };

/** What was written. */
export interface WrittenDataset {
  /** The folder, absolute. */
  path: string;
  manifest: Manifest;
  /** Of all shards together. */
  bytes: number;
  /** Sentences about the data that its user should know. */
  warnings: string[];
}

type ShardPool = WorkerPool<ShardTask, ShardTaskResult>;

export interface WriteOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** What decides the dataset's bytes; an interrupted generation is continued only for the same. */
function identity(spec: CheckedSpec): Record<string, unknown> {
  const { row, rows, format, compression, shardRows } = spec;
  return { ...row, rows, format, compression, shardRows, generator: GENERATOR };
}

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Journal lines whose files are there and have the noted hash. */
async function finishedShards(
  folder: string,
  content: JournalContent,
  spec: CheckedSpec,
  pool: ShardPool,
  options: WriteOptions,
): Promise<Map<string, ShardEntry>> {
  const finished = new Map<string, ShardEntry>();
  await forEachLimited(content.shards.values(), spec.workers, async (entry) => {
    const file = path.join(folder, entry.file);
    if (!existsSync(file) || (await stat(file)).size !== entry.bytes) return;
    if ((await pool.run({ type: "hash", file }, options.signal)) === entry.sha256) {
      finished.set(entry.file, entry);
    }
  });
  return finished;
}

async function writeShards(
  spec: CheckedSpec,
  folder: string,
  maxima: [number, number] | undefined,
  finished: Map<string, ShardEntry>,
  journal: Journal,
  pool: ShardPool,
  options: WriteOptions,
): Promise<ShardEntry[]> {
  const ranges = shardRanges(spec);
  const entries: ShardEntry[] = Array.from({ length: ranges.length });
  let rowsDone = 0;
  let bytesDone = 0;
  const note = (shard: number, entry: ShardEntry): void => {
    entries[shard] = entry;
    journal.write({ shard: entry });
    rowsDone += entry.rows;
    bytesDone += entry.bytes;
    const { onProgress } = options;
    onProgress?.({
      phase: "generating",
      done: rowsDone,
      total: spec.rows,
      unit: "rows",
      bytes: bytesDone,
    });
  };
  await forEachLimited(ranges, spec.workers, async ({ shard, firstRow, rows }) => {
    const file = shardFile(shard, spec.format);
    const kept = finished.get(file);
    if (kept !== undefined && kept.rows === rows) return note(shard, kept);
    const result = await pool.run(
      {
        type: "write",
        file: path.join(folder, file),
        format: spec.format,
        compression: spec.compression,
        description: {
          spec: spec.row,
          firstRow,
          rows,
          ...(maxima === undefined ? {} : { maxima }),
          generator: GENERATOR,
        },
      },
      options.signal,
    );
    if (typeof result !== "object") throw new Error("A written shard has an entry.");
    note(shard, result);
  });
  return entries;
}

function buildManifest(
  spec: CheckedSpec,
  shards: ShardEntry[],
  maxima: [number, number] | undefined,
): Manifest {
  const { kind, features, noise, seed } = spec.row;
  const truth = trueWeights(spec.row);
  const base = {
    formatVersion: 1,
    kind,
    rows: spec.rows,
    features,
    noise,
    seed,
    format: spec.format,
  } as const;
  const rest = { shards, generator: GENERATOR };
  if ("w" in truth) return { ...base, kind: "lsm", ...rest, truth: { w: [...truth.w] } };
  if (maxima === undefined) throw new Error("Two-layer-sigmoid data has two maxima.");
  return {
    ...base,
    kind: "two-layer-sigmoid",
    ...rest,
    truth: { w1: [...truth.w1], w2: [...truth.w2] },
    constants: { maxima },
  };
}

/** Makes the dataset in `folder`, which this process has locked. */
async function makeDataset(
  spec: CheckedSpec,
  folder: string,
  options: WriteOptions,
): Promise<WrittenDataset> {
  const earlier = spec.resume ? readJournal(folder) : undefined;
  if (earlier?.spec !== undefined && !sameJson(earlier.spec, identity(spec))) {
    throw failure(
      `${folder} holds an unfinished dataset of another specification; resume with the options it was started with, or use --force to start again.`,
    );
  }
  await checkSpace(spec, folder);
  const pool: ShardPool = createWorkerPool(
    new URL("shard-worker.js", import.meta.url),
    spec.workers,
  );
  try {
    const finished =
      earlier === undefined
        ? new Map<string, ShardEntry>()
        : await finishedShards(folder, earlier, spec, pool, options);
    for (const entry of await readdir(folder)) {
      // The journal stays until it is started afresh: a folder with shards has one at any moment.
      if (entry === LOCK_FILE || entry === JOURNAL_FILE) continue;
      if (finished.has(entry) || !isOwnFile(entry)) continue;
      await rm(path.join(folder, entry));
    }
    const journal = createJournal(folder);
    try {
      journal.write({ spec: identity(spec) });
      let maxima: [number, number] | undefined;
      if (spec.row.kind === "two-layer-sigmoid") {
        maxima = earlier?.maxima ?? (await findMaxima(spec, pool, options));
        journal.write({ maxima });
      }
      const shards = await writeShards(spec, folder, maxima, finished, journal, pool, options);
      const manifest = buildManifest(spec, shards, maxima);
      const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
      const sums = [
        ...shards.map(({ file, sha256 }) => [sha256, file]),
        [hashBytes(text), MANIFEST_FILE],
      ];
      await writeFileAtomic(
        path.join(folder, CHECKSUMS_FILE),
        sums.map(([sha256, file]) => `${sha256}  ${file}\n`).join(""),
      );
      await writeFileAtomic(path.join(folder, MANIFEST_FILE), text);
      const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
      const warnings = maxima === undefined ? [] : maximaWarnings(maxima, spec.row.seed);
      return { path: spec.out, manifest, bytes, warnings };
    } finally {
      journal.close();
    }
  } finally {
    await pool.close();
    // Threads that were stopped in the middle leave their temporary files.
    for (const entry of await readdir(folder)) {
      if (entry.endsWith(TEMPORARY_SUFFIX)) await rm(path.join(folder, entry), { force: true });
    }
  }
}

async function makeLocked(
  spec: CheckedSpec,
  folder: string,
  options: WriteOptions,
): Promise<WrittenDataset> {
  try {
    await mkdir(folder, { recursive: true });
    const unlock = lockFolder(folder);
    try {
      // Another process may have finished between the look into the folder and the lock.
      if (!spec.force && existsSync(path.join(folder, MANIFEST_FILE))) {
        throw failure(
          `${folder} holds a dataset already, which another process has just finished.`,
        );
      }
      const written = await makeDataset(spec, folder, options);
      await rm(path.join(folder, JOURNAL_FILE), { force: true });
      return written;
    } finally {
      unlock();
      syncFolder(folder);
    }
  } catch (error) {
    if (error instanceof VadiError || systemCode(error) === undefined) throw error;
    throw failure(`The dataset could not be written to ${folder}: ${messageOf(error)}.`, error);
  }
}

/**
 * Generates a synthetic dataset into a folder, in worker threads, a record batch at a time. The same
 * spec gives the same bytes with any number of workers, interrupted or not. The manifest comes last:
 * a folder with a manifest is a whole dataset.
 *
 * @throws a usage error for a wrong option; a failure where the folder is taken, the disk is full or
 * a maximum is zero; an interruption when aborted (what is finished can be resumed)
 */
export async function writeDataset(
  spec: GenerateSpec,
  options: WriteOptions = {},
): Promise<WrittenDataset> {
  const checked = checkGenerateSpec(spec);
  throwIfAborted(options.signal);
  const found = await inspectFolder(checked);
  if (found !== "dataset") {
    try {
      return await makeLocked(checked, checked.out, options);
    } catch (error) {
      if (!(error instanceof VadiError) || error.kind !== "interrupted") throw error;
      throw interruption(
        `Interrupted: the finished shards stay in ${checked.out}; go on with the same command and --resume.`,
      );
    }
  }
  if (!checked.force) {
    throw failure(`${checked.out} holds a finished dataset: there is nothing to resume.`);
  }
  return replaceDataset(checked, options);
}

/** Makes the new dataset beside the old one, which stays until the new one is whole. */
async function replaceDataset(spec: CheckedSpec, options: WriteOptions): Promise<WrittenDataset> {
  const parent = path.dirname(spec.out);
  const name = path.basename(spec.out);
  const beside = path.join(parent, `.${name}.vadi-new`);
  const old = path.join(parent, `.${name}.vadi-old`);
  for (const folder of [beside, old]) await inspectFolder({ ...spec, out: folder });
  const unlock = lockFolder(spec.out);
  let written: WrittenDataset;
  try {
    written = await makeLocked({ ...spec, resume: false }, beside, options);
  } catch (error) {
    // Nobody could go on with it: only --force comes here, which starts again.
    await rm(beside, { recursive: true, force: true });
    throw error;
  } finally {
    unlock();
  }
  await rm(old, { recursive: true, force: true });
  await rename(spec.out, old);
  await rename(beside, spec.out);
  syncFolder(parent);
  await rm(old, { recursive: true, force: true });
  return written;
}
