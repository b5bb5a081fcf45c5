import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../common/errors.js";
import { CHECKSUMS_FILE, writeChecksums } from "./checksums.js";
import { syncFolderNow } from "./system/flush.js";
import {
  openOutputFolder,
  type OutputAction,
  type OutputChoice,
  type OutputKind,
} from "./output-folder.js";
import { exists } from "./folders.js";

/** In an output folder: what is needed to resume the job, until it is complete. */
const PARTIAL = ".partial";
/** In that: the files of the result, before they are moved to the output folder. */
const RESULT = "result";

/** A kind of output folder with a result of several files, which a hidden folder collects; their checksums are added. */
export interface PartialKind {
  /** What the folder holds, with its article, as errors name it: "a landscape". */
  name: string;
  /** The files and folders of the result. The last one is the record, which marks the result as complete. */
  files: readonly string[];
}

/** An output folder that this process has locked. */
export interface PartialOutput {
  /** What to do: `resume` and `complete` only if the caller wants to resume. */
  readonly action: OutputAction;
  /** The folder for what is needed to resume. */
  readonly partial: string;
  /** The folder to write the result to. */
  readonly result: string;
  /** Replaces an earlier result by this one, and unlocks the folder. */
  commit(): Promise<void>;
  /** Unlocks the folder with its partial results. */
  keep(): void;
  /** Removes the partial results, unless a `commit` has failed, and unlocks the folder. */
  discard(): Promise<void>;
}

/**
 * Makes and locks an output folder. The result is written to a hidden folder in it, and an earlier
 * result stays until the new one is complete.
 *
 * @throws a usage error where the folder holds a result or a partial one (unless `force` or
 *   `resume`), or anything else; a failure where another process has locked it or it cannot be made
 */
export async function openPartialOutput(
  out: string,
  kind: PartialKind,
  choice: OutputChoice,
): Promise<PartialOutput> {
  const { action, release, discard } = await openOutputFolder(out, folderKind(kind), choice);
  const partial = path.join(out, PARTIAL);
  const result = path.join(partial, RESULT);
  let isMoving = false;
  try {
    if (action === "create" || action === "replace") {
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial);
    }
    await rm(result, { recursive: true, force: true });
  } catch (error) {
    await discard();
    throw failure(`Could not write ${kind.name} to ${out}: ${messageOf(error)}.`, error);
  }
  return {
    action,
    partial,
    result,
    async commit() {
      await writeChecksums(result, kind.files);
      isMoving = true;
      await moveResult(out, kind, partial);
      release();
    },
    keep: release,
    async discard() {
      // Some files of the result may have been moved already: only what is there marks them as a job's.
      if (isMoving) return release();
      await rm(partial, { recursive: true, force: true });
      await discard();
    },
  };
}

/** The files of a result and their checksums, the record last. */
function filesOf({ files }: PartialKind): string[] {
  return [CHECKSUMS_FILE, ...files];
}

function folderKind(kind: PartialKind): OutputKind {
  const { name } = kind;
  const files = filesOf(kind);
  return {
    name,
    marker: files.at(-1)!,
    partialMarker: PARTIAL,
    isOwn: (file) => files.includes(file),
    replaced: "files",
    errorKind: "usage",
  };
}

/** Replaces an earlier result by the new one. While that lasts, the folder has no record, so that it is partial. */
async function moveResult(out: string, kind: PartialKind, partial: string): Promise<void> {
  const { name } = kind;
  const files = filesOf(kind);
  try {
    await rm(path.join(out, files.at(-1)!), { force: true });
    for (const file of files) {
      await rm(path.join(out, file), { recursive: true, force: true });
      const source = path.join(partial, RESULT, file);
      if (exists(source)) await rename(source, path.join(out, file));
    }
    syncFolderNow(out);
    await rm(partial, { recursive: true, force: true });
  } catch (error) {
    throw failure(
      (option) =>
        `Could not move the files of ${name} to ${out}: ${messageOf(error)}; continue with ${option("resume")}.`,
      error,
    );
  }
}
