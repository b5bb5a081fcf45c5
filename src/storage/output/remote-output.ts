import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../common/errors.js";
import { forEachLimited } from "../../common/worker-pool.js";
import { ensureFolder } from "../../files/folders.js";
import { hashBytes } from "../../files/hash.js";
import { lockedError, lockFolder, lockHolder } from "../../files/lock.js";
import {
  decideOutput,
  isOwnName,
  outputError,
  type OutputAction,
  type OutputChoice,
  type OutputKind,
} from "../../files/output-folder.js";
import { CHECKSUMS_FILE } from "../../files/checksums.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import type { ShardEntry } from "../format/manifest.js";
import {
  JOURNAL_FILE,
  parseJournal,
  readJournalOf,
  textOf,
  type JournalLine,
  type JournalShard,
} from "./journal.js";
import { clearWorkFolders, workFolder } from "./work-folders.js";

/*
 * A dataset that is written to a store is made in a work folder on disk, as one on disk is made. When a shard is
 * noted in the journal of the work folder, it is uploaded and removed from there; the manifest follows last. In the
 * store, `.progress.jsonl` has the specification, and each shard's line of the journal is in its metadata. From
 * these `--resume` builds the journal again, on any machine. No object is written where there is one already, so of
 * two jobs that write different shards or two manifests, one is told.
 */

/** What is written, for errors. */
const DATASET = { name: "a dataset" };

/** Metadata of a shard: the hash of its specification, its own hash, and its line of the journal. */
const SPEC = "vadi-spec";
const SHA256 = "vadi-sha256";
const LINE = "vadi-shard";
/** Metadata of a manifest: which job wrote it. */
const WRITER = "vadi-writer";

/** What the names of shards begin with. Nothing else is large enough to be sent in parts. */
const SHARD_START = "shard-";

/** A store takes 2 KB of metadata. */
const MOST_METADATA = 1600;

/** Objects that are looked at or removed at once. */
const AT_ONCE = 6;

/** A dataset that is being written to a store. */
export interface RemoteOutput {
  url: string;
  /** Uploads a shard of the work folder, and removes it there. */
  putShard(line: JournalShard): Promise<void>;
  /** Copies a shard that another folder of the store has. */
  copyShard(from: string, shard: ShardEntry): Promise<void>;
  /** Uploads what all shards have in common: the specification and, once found, the maxima. */
  putHeader(lines: readonly JournalLine[]): Promise<void>;
  /** Completes the dataset. */
  putManifest(text: string, checksums: string): Promise<void>;
}

const outputs = new Map<string, RemoteOutput>();

/** Where the shards of a work folder go; undefined for a folder that is a dataset's own. */
export function remoteOutputOf(folder: string): RemoteOutput | undefined {
  return outputs.get(folder);
}

/** A dataset's folder as errors name it. */
export function shownFolder(folder: string): string {
  return outputs.get(folder)?.url ?? folder;
}

/** How a dataset is written to a store. */
export interface RemoteJob {
  kind: OutputKind;
  choice: OutputChoice;
  signal: AbortSignal | undefined;
  /** Whether the journal stays: in parts of a dataset. */
  keepsJournal: boolean;
}

/**
 * Decides what a job is to do with a folder of a store, as `checkOutputFolder` does for one on disk.
 *
 * @returns also the names of the objects that are there
 */
export async function checkRemoteOutput(
  url: string,
  { kind, choice, signal }: RemoteJob,
): Promise<{ action: OutputAction; names: string[] }> {
  const { listObjects } = await import("../remote/index.js");
  const names = await listObjects({ folder: url }, signal);
  if (names === undefined) {
    throw failure(`${url} can only be read; write to s3://BUCKET/PREFIX or a folder.`);
  }
  const action = await decideOutput(url, names, kind, choice);
  if (action === "complete") {
    throw failure(`${url} holds a finished dataset: there is nothing to resume.`);
  }
  return { action, names };
}

/**
 * Makes a dataset in a work folder, whose shards and manifest go to a store.
 *
 * @param make makes the dataset in a folder, from nothing or by continuing what is there
 */
export async function inRemoteOutput<Made>(
  url: string,
  job: RemoteJob,
  make: (folder: string, resume: boolean) => Promise<Made>,
): Promise<Made> {
  const { action, names } = await checkRemoteOutput(url, job);
  const { signal } = job;
  const base = workFolder(url);
  const folder = path.join(base, "data");
  const holder = lockHolder(base);
  if (holder !== undefined) throw lockedError(url, holder);
  await clearWorkFolders();
  const unlock = await lockBase(url, base);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    const isResumed = action === "resume";
    if (isResumed) await restoreJournal(url, folder, names, job);
    else await clear(url, names, job);
    await endUploadsOf(url, job, "abandoned");
    outputs.set(folder, createRemoteOutput(url, folder, signal));
    const made = await make(folder, isResumed);
    await leaveJournal(url, folder, job);
    // What another one still sends is of no use to it: all shards are there.
    await endUploadsOf(url, job, "all");
    return made;
  } catch (error) {
    throw outputError(url, DATASET, error);
  } finally {
    outputs.delete(folder);
    unlock();
    await rm(base, { recursive: true, force: true });
  }
}

async function lockBase(url: string, base: string): Promise<() => void> {
  try {
    await ensureFolder(base);
    return lockFolder(base);
  } catch (error) {
    throw outputError(url, DATASET, error);
  }
}

/** Removes an earlier dataset or what there is of one. From the first moment on it does not look whole. */
async function clear(url: string, names: readonly string[], job: RemoteJob): Promise<void> {
  const { putObject, removeObject } = await import("../remote/index.js");
  const { signal, kind } = job;
  if (names.length === 0) return;
  const folder = url;
  await putObject(
    { folder, name: JOURNAL_FILE, content: { text: "" }, metadata: {}, ifAbsent: false },
    signal,
  );
  if (names.includes(MANIFEST_FILE)) await removeObject({ folder, name: MANIFEST_FILE }, signal);
  const others = names.filter((name) => isOwnName(name, kind) && name !== JOURNAL_FILE);
  await forEachLimited(others, AT_ONCE, (name) => removeObject({ folder, name }, signal));
  await removeObject({ folder, name: JOURNAL_FILE }, signal);
}

/** Ends uploads of shards that writers have begun: those that were left behind, or all of them. */
async function endUploadsOf(
  url: string,
  { kind, signal }: RemoteJob,
  which: "abandoned" | "all",
): Promise<void> {
  const { ABANDONED_AFTER, endUploads } = await import("../remote/index.js");
  const isOwn = (name: string): boolean => isOwnName(name, kind);
  const age = which === "all" ? -Infinity : ABANDONED_AFTER;
  await endUploads(url, { start: SHARD_START, isOwn, age }, signal);
}

/** Writes the journal of an interrupted job to the work folder; shards that do not belong to it are removed. */
async function restoreJournal(
  url: string,
  work: string,
  names: readonly string[],
  { kind, signal }: RemoteJob,
): Promise<void> {
  const { describeObject, removeObject } = await import("../remote/index.js");
  const folder = url;
  const { spec, maxima } = (await readJournalOf(folder)) ?? {};
  const wanted = specHash(spec);
  const lines: JournalLine[] = [
    ...(spec === undefined ? [] : [{ spec }]),
    ...(maxima === undefined ? [] : [{ maxima }]),
  ];
  const shards = names.filter(
    (name) =>
      isOwnName(name, kind) && ![MANIFEST_FILE, CHECKSUMS_FILE, JOURNAL_FILE].includes(name),
  );
  await forEachLimited(shards, AT_ONCE, async (name) => {
    const found = await describeObject({ folder, name }, signal);
    const { shards: known } = parseJournal(found?.metadata[LINE] ?? "");
    const shard = known.get(name);
    if (shard?.bytes === found?.bytes && found?.metadata[SPEC] === wanted) {
      lines.push(JSON.parse(found.metadata[LINE]!) as JournalLine);
    } else await removeObject({ folder, name }, signal);
  });
  await writeFile(path.join(work, JOURNAL_FILE), lines.map(textOf).join(""));
}

/** In the end the journal is removed from the store; a part's becomes complete. */
async function leaveJournal(url: string, work: string, job: RemoteJob): Promise<void> {
  const { putObject, removeObject } = await import("../remote/index.js");
  const at = { folder: url, name: JOURNAL_FILE };
  if (!job.keepsJournal) return removeObject(at, job.signal);
  const text = await readFile(path.join(work, JOURNAL_FILE), "utf8");
  await putObject({ ...at, content: { text }, metadata: {}, ifAbsent: false }, job.signal);
}

function specHash(spec: object | undefined): string {
  return hashBytes(JSON.stringify(spec ?? null));
}

function createRemoteOutput(
  url: string,
  work: string,
  signal: AbortSignal | undefined,
): RemoteOutput {
  const folder = url;
  const writer = randomUUID();
  let spec = "";
  let started: Promise<void> = Promise.resolve();

  async function put(
    name: string,
    content: { text: string } | { file: string },
    metadata: Record<string, string>,
    ifAbsent: boolean,
  ): Promise<boolean> {
    const { putObject } = await import("../remote/index.js");
    return putObject({ folder, name, content, metadata, ifAbsent }, signal);
  }

  /** Writes the header unless the store has that of this job. */
  async function putHeader(lines: readonly JournalLine[]): Promise<void> {
    const content = { text: lines.map(textOf).join("") };
    if (await put(JOURNAL_FILE, content, {}, true)) return;
    const found = await readJournalOf(folder);
    if (found?.spec !== undefined && specHash(found.spec) !== spec) throw otherJob(url);
    await put(JOURNAL_FILE, content, {}, false);
  }

  return {
    url,
    async putHeader(lines) {
      for (const line of lines) if ("spec" in line) spec = specHash(line.spec);
      started = started.then(() => putHeader(lines));
      await started;
    },
    async putShard(line) {
      await started;
      const { file, sha256, bytes } = line.shard;
      const metadata = { [SPEC]: spec, [SHA256]: sha256, [LINE]: metadataOf(line) };
      const local = path.join(work, file);
      if (!(await put(file, { file: local }, metadata, true))) {
        // An earlier try whose answer was lost, or another process that makes the same.
        const { describeObject } = await import("../remote/index.js");
        const found = await describeObject({ folder, name: file }, signal);
        if (found?.bytes !== bytes || found.metadata[SHA256] !== sha256) throw otherJob(url);
      }
      await rm(local, { force: true });
    },
    async copyShard(from, shard) {
      await started;
      const { copyObject, describeObject } = await import("../remote/index.js");
      const source = { folder: from, name: shard.file };
      const found = await describeObject(source, signal);
      if (found?.bytes !== shard.bytes || found.metadata[SHA256] !== shard.sha256) {
        throw failure(
          (option) =>
            `Shard ${from}/${shard.file} is missing or not the one that its journal names: make its part again with the same options and ${option("resume")}.`,
        );
      }
      const metadata = { [SPEC]: spec, [SHA256]: shard.sha256, [LINE]: metadataOf({ shard }) };
      await copyObject({ folder, name: shard.file, from: source, metadata }, signal);
    },
    async putManifest(text, checksums) {
      await put(CHECKSUMS_FILE, { text: checksums }, {}, false);
      if (await put(MANIFEST_FILE, { text }, { [WRITER]: writer }, true)) return;
      const { describeObject } = await import("../remote/index.js");
      const found = await describeObject({ folder, name: MANIFEST_FILE }, signal);
      if (found?.metadata[WRITER] !== writer) {
        throw failure(`Another job has completed ${url} meanwhile; its dataset stays as it is.`);
      }
    },
  };
}

/** The line of the journal, without its rounding where that is too long: only warnings come from it. */
function metadataOf(line: JournalShard): string {
  const whole = JSON.stringify(line);
  if (whole.length <= MOST_METADATA) return whole;
  const { rounding: _, ...rest } = line;
  return JSON.stringify(rest);
}

function otherJob(url: string): Error {
  return failure(
    (option) =>
      `Another job writes to ${url}, with other data or options; choose another ${option("out")}, or wait for it to end.`,
  );
}
