import { readdir } from "node:fs/promises";
import path from "node:path";
import {
  failure,
  messageOf,
  systemCode,
  usageError,
  VadiError,
  type Sentence,
} from "../common/errors.js";
import { TEMPORARY_SUFFIX } from "./system/flush.js";
import { ensureFolder, exists, removeEmptyFolders } from "./folders.js";
import { isLockFile, LOCK_FILE, lockedError, lockFolder, lockHolder } from "./lock.js";

/** One kind of output folder (datasets, runs, landscapes, …): how it is recognised and replaced. */
export interface OutputKind {
  /** What the folder holds, with its article, as errors name it: "a dataset". */
  name: string;
  /** The file that marks a folder of this kind as complete. A folder without it may be partial or foreign. */
  marker: string;
  /** The file or folder that an unfinished job leaves; undefined where no partial folder can be recognised. */
  partialMarker?: string;
  /** Whether jobs of this kind write a file or folder of that name. */
  isOwn: (name: string) => boolean;
  /**
   * How a new result replaces an old one. `folder`: the new folder is renamed over the old one, so that the
   * old one must hold nothing else. `files`: in the folder itself, where other files stay.
   */
  replaced: "folder" | "files";
  /** The kind of error that a folder with other content is. */
  errorKind: "usage" | "failed";
  /** Throws unless the marker's content confirms that the folder is of this kind; called before it is replaced. */
  checkMarker?: (folder: string) => Promise<void>;
}

/** What the user allows a job to do with an existing output folder. */
export interface OutputChoice {
  /** Continue a partial result. Default false. */
  resume?: boolean;
  /** Replace a complete result, or start a partial one again. Default false. */
  force?: boolean;
}

/**
 * What a job is to do with its output folder. `create`: make the result from nothing. `resume`: continue the
 * partial result. `replace`: replace the complete result. `complete`: nothing, since a complete result was to
 * be resumed.
 */
export type OutputAction = "create" | "resume" | "replace" | "complete";

/** An output folder that this process has locked. */
export interface OpenOutputFolder {
  action: OutputAction;
  /** Unlocks the folder. */
  release: () => void;
  /** Unlocks the folder, and removes it and those above it that `openOutputFolder` made, as far as they are empty. */
  discard: () => Promise<void>;
}

/**
 * Refuses `resume` together with `force`: one continues what the other removes.
 *
 * @throws a usage error
 */
export function checkResumeOrForce(resume: boolean, force: boolean): void {
  if (resume && force) {
    throw usageError(
      (option) =>
        `${option("resume")} continues what is there, and ${option("force")} removes it; give one of them.`,
    );
  }
}

/**
 * Decides what a job is to do with its output folder, and changes nothing:
 *
 * | folder             | neither | resume   | force   |
 * | ------------------ | ------- | -------- | ------- |
 * | absent or empty    | create  | create   | create  |
 * | partial            | error   | resume   | create  |
 * | complete           | error   | complete | replace |
 * | left by a kill     | create  | create   | create  |
 * | anything else      | error   | error    | error   |
 * | locked             | error   | error    | error   |
 *
 * @throws an error of the kind's `errorKind`; a failure where another process has locked the folder
 */
export async function checkOutputFolder(
  out: string,
  kind: OutputKind,
  choice: OutputChoice,
): Promise<OutputAction> {
  const entries = await outputEntries(out, kind);
  const holder = lockHolder(out);
  if (holder !== undefined) throw lockedError(out, holder);
  return isAbandoned(out, entries, kind) ? "create" : decideOutput(out, entries, kind, choice);
}

/**
 * Whether a folder is what a job left that was killed before it could mark the folder as its own: the lock shows
 * that it was one, where nothing else would.
 */
function isAbandoned(out: string, entries: readonly string[], kind: OutputKind): boolean {
  return (
    kind.partialMarker === undefined &&
    !entries.includes(kind.marker) &&
    entries.every((entry) => isOwnName(entry, kind)) &&
    exists(path.join(out, LOCK_FILE))
  );
}

/**
 * Makes and locks an output folder for a job, once `checkOutputFolder` allows it.
 *
 * @throws as `checkOutputFolder`; a failure where the folder cannot be made
 */
export async function openOutputFolder(
  out: string,
  kind: OutputKind,
  choice: OutputChoice,
): Promise<OpenOutputFolder> {
  // A folder of anything else is not even locked.
  await checkOutputFolder(out, kind, choice);
  const abandoned = isAbandoned(out, await outputEntries(out, kind), kind);
  let made: string | undefined;
  let release: (() => void) | undefined;
  const discard = async (): Promise<void> => {
    release?.();
    await removeEmptyFolders(out, made);
  };
  try {
    made = await ensureFolder(out);
    release = lockFolder(out);
    // Another process may have written to the folder before it was locked.
    const action = abandoned
      ? "create"
      : await decideOutput(out, await outputEntries(out, kind), kind, choice);
    return { action, release, discard };
  } catch (error) {
    await discard();
    throw outputError(out, kind, error);
  }
}

/**
 * Runs a job in its output folder, which is locked meanwhile. If the job fails, folders that were made for it
 * and are empty are removed.
 *
 * @throws as `openOutputFolder`; what `run` throws, where a system error becomes a failure that names the folder
 */
export async function inOutputFolder<Result>(
  out: string,
  kind: OutputKind,
  choice: OutputChoice,
  run: (action: OutputAction) => Promise<Result>,
): Promise<Result> {
  const { action, release, discard } = await openOutputFolder(out, kind, choice);
  try {
    const result = await run(action);
    release();
    return result;
  } catch (error) {
    await discard();
    throw outputError(out, kind, error);
  }
}

/** The names in an output folder without locks and unfinished files; none where there is no folder. */
export async function outputEntries(out: string, kind: OutputKind): Promise<string[]> {
  let entries: string[];
  try {
    entries = await readdir(out);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    const reason =
      systemCode(error) === "ENOTDIR" ? "it is a file or lies below one" : messageOf(error);
    throw refusal(kind, `${out} cannot hold ${kind.name}: ${reason}; choose another folder.`);
  }
  return entries.filter((entry) => !isLockFile(entry) && !isUnfinishedFile(entry, kind));
}

function isUnfinishedFile(name: string, kind: OutputKind): boolean {
  return (
    name.endsWith(TEMPORARY_SUFFIX) && isOwnName(name.slice(0, -TEMPORARY_SUFFIX.length), kind)
  );
}

/** Whether a file or folder of that name is one that jobs of this kind write. */
export function isOwnName(name: string, { marker, partialMarker, isOwn }: OutputKind): boolean {
  return name === marker || name === partialMarker || isOwn(name);
}

/** As `checkOutputFolder`, for a folder that is not locked and holds some names. */
export async function decideOutput(
  out: string,
  entries: readonly string[],
  kind: OutputKind,
  { resume = false, force = false }: OutputChoice,
): Promise<OutputAction> {
  if (entries.length === 0) return "create";
  const { name } = kind;
  const isComplete = entries.includes(kind.marker);
  // A kind that is replaced as a folder has nothing partial beside a complete result.
  const isPartial =
    entries.some((entry) => entry === kind.partialMarker) &&
    !(isComplete && kind.replaced === "folder");
  if (!isComplete || (force && kind.replaced === "folder")) {
    checkForeign(out, entries, kind, isComplete || isPartial);
  }
  if (force) {
    if (!isComplete) return "create";
    await kind.checkMarker?.(out);
    return "replace";
  }
  if (resume) return isPartial ? "resume" : "complete";
  throw refusal(kind, (option) =>
    isPartial
      ? `${out} holds ${name} that is not finished; use ${option("resume")} to continue it, or ${option("force")} to start again.`
      : `${out} holds ${name} already; use ${option("force")} to replace it, or choose another folder.`,
  );
}

/** Throws where a folder holds files that no job of this kind writes, or nothing marks it as of this kind. */
function checkForeign(
  out: string,
  entries: readonly string[],
  kind: OutputKind,
  isMarked: boolean,
): void {
  const foreign = entries.find((entry) => !isOwnName(entry, kind));
  const { name, marker } = kind;
  if (!isMarked) {
    throw refusal(
      kind,
      `${out} is not empty: it holds '${foreign ?? entries[0]}', and is not ${name} (it has no ${marker}); choose another folder.`,
    );
  }
  if (foreign !== undefined) {
    throw refusal(
      kind,
      `${out} holds ${name} and also '${foreign}', which is not part of it; move that away, or choose another folder.`,
    );
  }
}

function refusal({ errorKind }: OutputKind, sentence: Sentence): VadiError {
  return new VadiError(errorKind, sentence);
}

/** Locks a folder for an output; a system error names the output. */
export function lockForOutput(
  folder: string,
  out: string,
  kind: Pick<OutputKind, "name">,
): () => void {
  try {
    return lockFolder(folder);
  } catch (error) {
    throw outputError(out, kind, error);
  }
}

/** Names the folder in a system error; other errors stay as they are. */
export function outputError(out: string, kind: Pick<OutputKind, "name">, error: unknown): unknown {
  if (error instanceof VadiError || systemCode(error) === undefined) return error;
  return failure(`Could not write ${kind.name} to ${out}: ${messageOf(error)}.`, error);
}
