import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode, usageError, VadiError } from "../../common/errors.js";
import { ensureFolder, removeEmptyFolders } from "../../files/folders.js";
import { syncFolder } from "../../files/atomic.js";
import { LOCK_FILE, lockFolder } from "../../files/lock.js";
import { recordFile } from "./record.js";

/** Within a landscape's folder: what is needed to go on with it, until it is finished. */
const PARTIAL = ".partial";
/** Within that: the finished files, before they are put in their place. */
const RESULT = "result";
/** What a landscape's folder holds; its record goes in last, since it tells that the rest is whole. */
const OWN = [
  "centre",
  "directions",
  "means.parquet",
  "slices.parquet",
  "summary.parquet",
  "surface.parquet",
  recordFile,
];

/** A landscape's folder, held by this process. */
export interface Output {
  /** `finished` and `unfinished` only where the caller wants to go on with what is there. */
  readonly found: "nothing" | "unfinished" | "finished";
  /** Where to keep what is needed to go on. */
  readonly partial: string;
  /** Where to write the finished files. */
  readonly result: string;
  /** Puts the finished files in their place, instead of an earlier landscape, and gives the folder back. */
  commit(): Promise<void>;
  /** Gives the folder back with its partial results. */
  keep(): void;
  /** Gives the folder back without a trace of this attempt. */
  discard(): Promise<void>;
}

/**
 * Takes a landscape's folder. Nothing half-written looks whole: files are made in a hidden folder
 * within it, and an earlier landscape stays until the new one is finished.
 *
 * @throws a usage error where the folder is taken: by a landscape or an unfinished one (unless
 *   `force` or `resume`), or by anything else, which is never touched; a failure that names the
 *   process which holds it, or where it cannot be made
 */
export async function openOutput(
  out: string,
  { force, resume }: { force: boolean; resume: boolean },
): Promise<Output> {
  // What is no landscape's is not even locked; of a landscape, who holds it comes first.
  await look(out, force, true);
  let made: string | undefined;
  let unlock: (() => void) | undefined;
  try {
    made = await ensureFolder(out);
    unlock = lockFolder(out);
    const found = await look(out, force, resume);
    const partial = path.join(out, PARTIAL);
    if (found !== "unfinished" && found !== "finished") {
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial);
    }
    await rm(path.join(partial, RESULT), { recursive: true, force: true });
    return outputOf(out, found, made, unlock);
  } catch (error) {
    unlock?.();
    await removeEmptyFolders(out, made);
    if (error instanceof VadiError) throw error;
    throw failure(`Could not make the landscape's folder ${out}: ${messageOf(error)}.`, error);
  }
}

function outputOf(
  out: string,
  found: Output["found"],
  made: string | undefined,
  unlock: () => void,
): Output {
  const partial = path.join(out, PARTIAL);
  const result = path.join(partial, RESULT);
  return {
    found,
    partial,
    result,
    async commit() {
      try {
        await rm(path.join(out, recordFile), { force: true });
        for (const name of OWN) {
          await rm(path.join(out, name), { recursive: true, force: true });
          const source = path.join(result, name);
          if (existsSync(source)) await rename(source, path.join(out, name));
        }
        syncFolder(out);
        await rm(partial, { recursive: true, force: true });
      } catch (error) {
        throw failure(
          `Could not put the landscape in its place, ${out}: ${messageOf(error)}; go on with --resume.`,
          error,
        );
      }
      unlock();
    },
    keep: unlock,
    async discard() {
      await rm(partial, { recursive: true, force: true });
      unlock();
      await removeEmptyFolders(out, made);
    },
  };
}

/** What stands in the folder; throws where it must not be touched. */
async function look(out: string, force: boolean, resume: boolean): Promise<Output["found"]> {
  let entries: string[];
  try {
    entries = await readdir(out);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "nothing";
    throw usageError(
      `${out} cannot be a landscape's folder (${messageOf(error)}); choose another with --out.`,
    );
  }
  entries = entries.filter((entry) => entry !== LOCK_FILE);
  if (entries.length === 0) return "nothing";
  const finished = entries.includes(recordFile);
  const unfinished = entries.includes(PARTIAL);
  const foreign = entries.find((entry) => !OWN.includes(entry) && entry !== PARTIAL);
  if (!finished && (!unfinished || foreign !== undefined)) {
    throw usageError(
      `${out} exists and is not a landscape (it has no ${recordFile}); choose another folder with --out.`,
    );
  }
  if (force) return "nothing";
  if (resume) return unfinished ? "unfinished" : "finished";
  throw usageError(
    unfinished
      ? `${out} holds a landscape that is not finished; go on with it with --resume, or start again with --force.`
      : `${out} already holds a landscape; choose another folder with --out, or replace it with --force.`,
  );
}
