import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { failure, isAbsent, messageOf } from "../common/errors.js";
import { writeFileAtomic } from "./atomic.js";
import { exists } from "./folders.js";
import { hashFile } from "./hash.js";
import { checkInside } from "./inside.js";
import { readText } from "./read-json.js";

/** The SHA-256 of each file of a folder, as `sha256sum -c` reads it. */
export const CHECKSUMS_FILE = "SHA256SUMS";

/** A file and its SHA-256. */
export interface Checksum {
  /** Relative to the folder, with slashes. */
  file: string;
  sha256: string;
}

/** The content of a checksum file. */
export function checksumsText(sums: readonly Checksum[]): string {
  return sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join("");
}

/** The SHA-256 of each file that a checksum file names, by its name; what is not such a line, by the whole line. */
export function parseChecksums(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [, sum = "", name = line] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return [name, sum];
    }),
  );
}

/**
 * Writes the checksums of a result, in the order of the names. The record comes last, so that checksums that are cut off
 * do not name it.
 *
 * @param names of the files and folders of the result, relative to the folder; those that do not exist are passed over
 * @param record of a record that is not written yet
 * @throws a failure that names a file
 */
export async function writeChecksums(
  folder: string,
  names: readonly string[],
  record?: Checksum,
): Promise<void> {
  const sums: Checksum[] = [];
  try {
    for (const name of names) {
      for (const file of await filesOf(folder, name)) {
        sums.push({ file, sha256: hashFile(path.join(folder, file)) });
      }
    }
  } catch (error) {
    throw failure(`Could not write the checksums of ${folder}: ${messageOf(error)}.`, error);
  }
  if (record !== undefined) sums.push(record);
  await writeFileAtomic(path.join(folder, CHECKSUMS_FILE), checksumsText(sums));
}

/**
 * Compares files of a folder with its checksums. A folder of earlier versions has none, and is taken as it is.
 *
 * @param required names of files that the checksums must name
 * @param names of the files and folders to compare, relative to the folder; default: all that the checksums name
 * @throws a failure that names the first file that is missing or has other bytes
 */
export async function checkFiles(
  folder: string,
  required: readonly string[],
  names?: readonly string[],
): Promise<void> {
  const sums = path.join(folder, CHECKSUMS_FILE);
  if (!exists(sums)) return;
  let expected: Map<string, string>;
  try {
    expected = parseChecksums(await readText(sums, "checksums"));
  } catch (error) {
    throw failure(`Could not read ${sums}: ${messageOf(error)}.`, error);
  }
  const missing = required.find((file) => !expected.has(file));
  if (missing !== undefined) throw damaged(sums, `it does not name ${missing}`);
  for (const [file, sha256] of expected) {
    if (sha256 === "" || !PLAIN_NAME.test(file)) {
      throw damaged(sums, `it has a line that is no checksum of a file below it`);
    }
    const isMeant = names?.some((own) => file === own || file.startsWith(`${own}/`)) ?? true;
    if (isMeant) await checkFile(folder, file, sha256);
  }
}

/** Names below the folder: each part starts with a letter or digit, so that none leads out of it. */
const PLAIN_NAME = /^\w[\w.-]*(?:\/[\w-][\w.-]*)*$/;

async function checkFile(folder: string, name: string, sha256: string): Promise<void> {
  const file = path.join(folder, name);
  await checkInside(folder, [name]);
  let found: string | undefined;
  try {
    // Of a pipe there is no end.
    found = (await stat(file)).isFile() ? hashFile(file) : "";
  } catch (error) {
    if (!isAbsent(error)) throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  }
  if (found === sha256) return;
  throw damaged(
    file,
    found === undefined
      ? `${CHECKSUMS_FILE} names it, and it is missing`
      : `its SHA-256 is not the one in ${CHECKSUMS_FILE}`,
  );
}

function damaged(file: string, why: string): Error {
  return failure(
    `${file} is damaged: ${why}; restore the file, or remove ${CHECKSUMS_FILE} if you changed it yourself.`,
  );
}

/** The plain files of a name, relative to the folder and with slashes: itself, or those below it. */
async function filesOf(folder: string, name: string): Promise<string[]> {
  const place = path.join(folder, name);
  const found = await lstat(place).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [name];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join("/"))
    .toSorted();
}
