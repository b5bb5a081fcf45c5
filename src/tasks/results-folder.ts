import { link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode } from "../common/errors.js";
import { syncFile, syncFolder } from "../files/system/flush.js";
import { forEachLimited } from "../common/worker-pool.js";
import { ensureFolder } from "../files/folders.js";
import {
  endUploads,
  isRemote,
  listObjects,
  putObject,
  readObject,
  removeObject,
} from "../storage/index.js";

/** What tasks write: results, the folders of attempts, and temporary files; and the rounds of a curvature. */
const OWN =
  /^(?:(?:first-maximum|second-maximum|generate|verify|landscape|evaluate)-\d{5,}\.[\w.-]+|products-\d{5,}|kinks|batches|products\.bin|plan\.json|curvature\.job\.json)$/;

/** Files that are removed at once. */
const AT_ONCE = 6;

/** A folder that all machines see: on a shared disk, or in object storage. */
export interface ResultsFolder {
  /** The folder's files. */
  list(): Promise<string[]>;
  /** A file's text; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /**
   * Writes a file, complete and durable, unless there is one of its name. That name decides which attempt counts.
   *
   * @param attempt a name that no other process uses
   */
  publish(name: string, text: string, attempt: string): Promise<void>;
  /** Removes an attempt's folder. */
  removeAttempt(attempt: string): Promise<void>;
  /** Removes the files and folders that tasks have made, also those of attempts that were killed. */
  removeAll(): Promise<void>;
}

/** Opens the folder of a job's results; on disk it is made with the first attempt. */
export function resultsFolder(parts: string): ResultsFolder {
  return isRemote(parts) ? inStore(parts) : onDisk(parts);
}

function onDisk(parts: string): ResultsFolder {
  return {
    async list() {
      try {
        return await readdir(parts);
      } catch (error) {
        throw failure(`Could not read ${parts}: ${messageOf(error)}.`, error);
      }
    },
    async read(name) {
      try {
        return await readFile(path.join(parts, name), "utf8");
      } catch (error) {
        if (systemCode(error) === "ENOENT") return undefined;
        throw failure(`Could not read ${path.join(parts, name)}: ${messageOf(error)}.`, error);
      }
    },
    async publish(name, text, attempt) {
      const file = path.join(parts, name);
      const temporary = path.join(parts, `${attempt}.json.tmp`);
      try {
        await ensureFolder(parts);
        await writeFile(temporary, text);
        await syncFile(temporary);
        await nameOnce(temporary, file);
        await syncFolder(parts);
      } catch (error) {
        throw failure(`Could not write ${file}: ${messageOf(error)}.`, error);
      } finally {
        // What is left of it is removed with all the rest.
        await rm(temporary, { force: true }).catch(() => {});
      }
    },
    async removeAttempt(attempt) {
      const folder = path.join(parts, attempt);
      try {
        await rm(folder, { recursive: true, force: true });
      } catch (error) {
        throw failure(`Could not remove ${folder}: ${messageOf(error)}.`, error);
      }
    },
    async removeAll() {
      try {
        const entries = await readdir(parts).catch(() => []);
        const own = entries.filter((entry) => OWN.test(entry));
        await forEachLimited(own, AT_ONCE, (entry) =>
          rm(path.join(parts, entry), { recursive: true, force: true }),
        );
        // Unless something of others is in it.
        if (own.length === entries.length) await rm(parts, { recursive: true, force: true });
      } catch (error) {
        throw failure(`Could not remove ${parts}: ${messageOf(error)}.`, error);
      }
    },
  };
}

/** Gives a file its name, by a hard link, unless another file has it. */
async function nameOnce(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return;
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"].includes(systemCode(error) ?? ""))
      throw error;
    // A file system without hard links: the last of several attempts counts. Each is complete, so any may.
    await rename(temporary, file);
  }
}

/** The most bytes of a result. */
const MOST_BYTES = 64 * 2 ** 20;

/** Whether an object below the folder is of a task. */
function isOwn(name: string): boolean {
  return OWN.test(name.split("/")[0]!);
}

function inStore(parts: string): ResultsFolder {
  return {
    list: async () => (await listObjects({ folder: parts })) ?? [],
    async read(name) {
      const bytes = await readObject(parts, name, MOST_BYTES);
      return bytes && new TextDecoder().decode(bytes);
    },
    async publish(name, text) {
      // A conditional put.
      await putObject({ folder: parts, name, content: { text }, metadata: {}, ifAbsent: true });
    },
    async removeAttempt(attempt) {
      const folder = `${parts}/${attempt}`;
      for (const name of (await listObjects({ folder })) ?? [])
        await removeObject({ folder, name });
    },
    async removeAll() {
      await endUploads(parts, { isOwn, age: -Infinity });
      const names = (await listObjects({ folder: parts, isDeep: true })) ?? [];
      const own = names.filter(isOwn);
      await forEachLimited(own, AT_ONCE, (name) => removeObject({ folder: parts, name }));
    },
  };
}
