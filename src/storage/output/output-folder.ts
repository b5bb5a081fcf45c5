import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { failure, usageError } from "../../common/errors.js";
import { checkResumeOrForce } from "../../common/resume-or-force.js";
import { TEMPORARY_SUFFIX } from "../../files/atomic.js";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../format/file-names.js";
import { JOURNAL_FILE } from "./journal.js";
import { LOCK_FILE } from "../../files/lock.js";

/** Whether a file is one that vadi leaves in a folder in which it makes a dataset. */
export function isOwnFile(file: string): boolean {
  return (
    [MANIFEST_FILE, CHECKSUMS_FILE, JOURNAL_FILE, LOCK_FILE].includes(file) ||
    /^shard-\d{5,}\.(arrow|parquet)$/.test(file) ||
    /^\.lock\.\d+-\d+\.tmp$/.test(file) ||
    (file.endsWith(TEMPORARY_SUFFIX) && isOwnFile(file.slice(0, -TEMPORARY_SUFFIX.length)))
  );
}

/** A folder to write to, and what may be done with what it holds. */
export interface OutputFolder {
  /** Absolute. */
  out: string;
  /** Whether what was interrupted in it is gone on with. */
  resume: boolean;
  /** Whether a dataset in it is replaced. */
  force: boolean;
}

/**
 * Fills in the defaults of an output folder.
 *
 * @throws a usage error that names the option
 */
export function checkOutput(given: {
  out: string;
  resume?: boolean;
  force?: boolean;
}): OutputFolder {
  const { out, resume = false, force = false } = given;
  if (out === "") throw usageError("--out must name a folder.");
  checkResumeOrForce(resume, force);
  return { out: path.resolve(out), resume, force };
}

/** Looks at what stands in the output folder, and refuses what must not be touched. */
export async function inspectFolder(
  spec: OutputFolder,
): Promise<"empty" | "unfinished" | "dataset"> {
  const { out, force, resume } = spec;
  if (!existsSync(out)) return "empty";
  if (!(await stat(out)).isDirectory()) {
    throw failure(`${out} is a file; --out must name a folder.`);
  }
  const entries = (await readdir(out)).filter((entry) => entry !== LOCK_FILE);
  if (entries.length === 0) return "empty";
  const foreign = entries.find((entry) => !isOwnFile(entry));
  if (entries.includes(MANIFEST_FILE)) {
    if (foreign !== undefined && force) {
      throw failure(
        `${out} holds a dataset and also '${foreign}', which is not part of it; --force does not remove it: move it, or choose another folder.`,
      );
    }
    if (force || resume) return "dataset";
    throw failure(
      `${out} holds a dataset already; use --force to replace it, or choose another folder.`,
    );
  }
  if (foreign !== undefined) {
    throw failure(
      `${out} is not empty: it holds '${foreign}', which is no part of a dataset; choose another folder.`,
    );
  }
  const shard = entries.find((entry) => !entry.endsWith(TEMPORARY_SUFFIX));
  if (!force && shard !== undefined && !entries.includes(JOURNAL_FILE)) {
    throw failure(
      `${out} holds '${shard}', but nothing says that vadi made it; use --force to remove it, or choose another folder.`,
    );
  }
  if (!force && !resume && entries.includes(JOURNAL_FILE)) {
    throw failure(
      `${out} holds a dataset that is not finished; use --resume to go on with it, or --force to start again.`,
    );
  }
  return "unfinished";
}
