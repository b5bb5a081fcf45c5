import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf } from "../../common/errors.js";
import { syncFolder } from "../../files/atomic.js";
import {
  openOutputFolder,
  type OutputAction,
  type OutputChoice,
  type OutputKind,
} from "../../files/output-folder.js";
import { recordFile } from "./record.js";

/** In a landscape's folder: what is needed to resume it, until it is complete. */
const PARTIAL = ".partial";
/** In that: the files of the result, before they are moved to the landscape's folder. */
const RESULT = "result";

/** What a landscape's folder holds. The record is last, since it marks the landscape as complete. */
const OWN: readonly string[] = [
  "centre",
  "directions",
  "means.parquet",
  "slices.parquet",
  "summary.parquet",
  "surface.parquet",
  recordFile,
];

const LANDSCAPE_FOLDER: OutputKind = {
  name: "a landscape",
  marker: recordFile,
  partialMarker: PARTIAL,
  isOwn: (name) => OWN.includes(name),
  replaced: "files",
  errorKind: "usage",
};

/** A landscape's folder that this process has locked. */
export interface Output {
  /** What to do: `resume` and `complete` only if the caller wants to resume. */
  readonly action: OutputAction;
  /** The folder for what is needed to resume. */
  readonly partial: string;
  /** The folder to write the result to. */
  readonly result: string;
  /** Replaces an earlier landscape by the result, and unlocks the folder. */
  commit(): Promise<void>;
  /** Unlocks the folder with its partial results. */
  keep(): void;
  /** Removes the partial results, and unlocks the folder. */
  discard(): Promise<void>;
}

/**
 * Makes and locks a landscape's folder. The result is written to a hidden folder in it, and an earlier
 * landscape stays until the result is complete.
 *
 * @throws a usage error where the folder holds a landscape or a partial one (unless `force` or
 *   `resume`), or anything else; a failure where another process has locked it or it cannot be made
 */
export async function openOutput(out: string, choice: OutputChoice): Promise<Output> {
  const { action, release, discard } = await openOutputFolder(out, LANDSCAPE_FOLDER, choice);
  const partial = path.join(out, PARTIAL);
  const result = path.join(partial, RESULT);
  try {
    if (action === "create" || action === "replace") {
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial);
    }
    await rm(result, { recursive: true, force: true });
  } catch (error) {
    await discard();
    throw failure(`Could not write a landscape to ${out}: ${messageOf(error)}.`, error);
  }
  return {
    action,
    partial,
    result,
    async commit() {
      await moveResult(out, partial);
      release();
    },
    keep: release,
    async discard() {
      await rm(partial, { recursive: true, force: true });
      await discard();
    },
  };
}

/** Replaces an earlier landscape by the result. While that lasts, the folder has no record, so that it is partial. */
async function moveResult(out: string, partial: string): Promise<void> {
  try {
    await rm(path.join(out, recordFile), { force: true });
    for (const name of OWN) {
      await rm(path.join(out, name), { recursive: true, force: true });
      const source = path.join(partial, RESULT, name);
      if (existsSync(source)) await rename(source, path.join(out, name));
    }
    syncFolder(out);
    await rm(partial, { recursive: true, force: true });
  } catch (error) {
    throw failure(
      (option) =>
        `Could not move the landscape's files to ${out}: ${messageOf(error)}; continue with ${option("resume")}.`,
      error,
    );
  }
}
