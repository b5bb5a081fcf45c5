import { access, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode, usageError } from "../common/errors.js";
import { recordFile } from "./record.js";

/** A folder in the making. */
export interface Output {
  /** Where to write, beside where it will be. */
  readonly folder: string;
  /** Puts the finished folder in its place. */
  commit(): Promise<void>;
  /** Removes everything again; nothing to do after a commit. */
  discard(): Promise<void>;
}

/** Tells the folders of one process apart. */
let begun = 0;

/**
 * Begins a landscape's folder under a temporary name beside `out`, so that nothing half-written
 * looks whole. Throws a usage error where `out` is taken: by a landscape (unless `replace`), or by
 * anything else, which is never replaced.
 */
export async function beginOutput(out: string, replace: boolean): Promise<Output> {
  const taken = await checkFree(out, replace);
  const parent = path.dirname(out);
  // Not mkdtemp: its folders are for their owner alone, and this one is here to stay.
  const hidden = path.join(parent, `.${path.basename(out)}.${process.pid}-${(begun += 1)}`);
  const folder = `${hidden}.partial`;
  let made: string | undefined;
  try {
    made = await mkdir(parent, { recursive: true });
    await mkdir(folder);
  } catch (error) {
    throw failure(
      `Could not make the landscape's folder in ${parent}: ${messageOf(error)}.`,
      error,
    );
  }
  let committed = false;
  return {
    folder,
    async commit() {
      try {
        if (taken === "landscape") {
          const old = `${hidden}.replaced`;
          await rename(out, old);
          await rename(folder, out).catch(async (error: unknown) => {
            await rename(old, out);
            throw error;
          });
          await rm(old, { recursive: true, force: true });
        } else {
          await rename(folder, out);
        }
      } catch (error) {
        throw failure(
          `Could not put the landscape in its place, ${out}: ${messageOf(error)}.`,
          error,
        );
      }
      committed = true;
    },
    async discard() {
      if (committed) return;
      await rm(folder, { recursive: true, force: true });
      if (made !== undefined) await removeEmpty(parent, made);
    },
  };
}

async function checkFree(out: string, replace: boolean): Promise<"free" | "landscape"> {
  let entries: string[];
  try {
    entries = await readdir(out);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "free";
    throw usageError(
      `${out} cannot be a landscape's folder (${messageOf(error)}); choose another with --out.`,
    );
  }
  if (entries.length === 0) return "free";
  const isLandscape = await access(path.join(out, recordFile)).then(
    () => true,
    () => false,
  );
  if (!isLandscape) {
    throw usageError(
      `${out} exists and is not a landscape (it has no ${recordFile}); choose another folder with --out.`,
    );
  }
  if (!replace) {
    throw usageError(
      `${out} already holds a landscape; choose another folder with --out, or replace it with --force.`,
    );
  }
  return "landscape";
}

/** Removes the folders from `last` up to `first`, as far as they are empty. */
async function removeEmpty(last: string, first: string): Promise<void> {
  for (let folder = last; ; folder = path.dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return; // Someone else has put something there: it is theirs now.
    }
    if (folder === first) return;
  }
}
