import { open, readdir } from "node:fs/promises";
import path from "node:path";
import { failure, messageOf, systemCode } from "../../common/errors.js";
import { reportMark } from "../page/head.js";

/** The file that identifies the folder of a report. */
export const CONTENTS_FILE = "report.json";

/** The value of `format` in JSON files of reports. */
export const JSON_MARK = "vadi report";

/** What the files of reports begin with, in HTML after a few lines. */
const MARKS: readonly string[] = [reportMark, `{"format":"${JSON_MARK}"`];
const START_BYTES = 512;

/**
 * Throws a failure unless a report may be written to a file: it does not exist, is empty or a report, or
 * `force` allows to replace anything.
 */
export async function checkReplaceFile(file: string, force: boolean): Promise<void> {
  if (force || (await isReport(file))) return;
  throw failure(
    (option) =>
      `${file} exists and is not a report of vadi; choose another ${option("out")}, or replace it with ${option("force")}.`,
  );
}

/**
 * Throws a failure unless the files of a report may be written to an existing folder: it is empty or a
 * report's, or `force` allows to write beside anything.
 */
export async function checkReplaceFolder(folder: string, force: boolean): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    throw failure(`The report cannot be written to ${folder}: ${messageOf(error)}.`, error);
  });
  if (force || entries.length === 0) return;
  if (entries.includes(CONTENTS_FILE) && (await isReport(path.join(folder, CONTENTS_FILE)))) return;
  throw failure(
    (option) =>
      `${folder} is not empty and not a report of vadi; choose another ${option("out")}, or write into it with ${option("force")}.`,
  );
}

/** Whether a file is a report, or empty or absent. */
async function isReport(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "r");
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
      const start = buffer.toString("utf8", 0, bytesRead);
      return start === "" || MARKS.some((mark) => start.includes(mark));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw failure(`The report cannot be written to ${file}: ${messageOf(error)}.`, error);
  }
}
