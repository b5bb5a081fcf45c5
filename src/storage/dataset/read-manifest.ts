import { readdir } from "node:fs/promises";
import { failure, messageOf, systemCode, VadiError } from "../../common/errors.js";
import { parseJson, readText } from "../../files/read-json.js";
import { hashBytes } from "../../files/hash.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { isRemote, locationIn } from "../format/location.js";
import { manifestSchema, type Manifest } from "../format/manifest.js";
import { whyMissing } from "../output/dataset-folder.js";
import {
  JOURNAL_FILE,
  readJournal,
  readJournalOf,
  type JournalContent,
} from "../output/journal.js";

const WHAT = "a dataset's manifest";

/**
 * Reads a dataset's manifest; its shards are not read.
 *
 * @throws a failure that says what the folder holds where that is not a dataset, or names the wrong field
 */
export async function readManifest(
  folder: string,
): Promise<{ manifest: Manifest; fingerprint: string }> {
  const file = locationIn(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = isRemote(folder) ? await remoteText(folder) : await readText(file, WHAT);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    if (systemCode(error) === "ENOTDIR") {
      throw failure(`${folder} is a file, not the folder of a dataset.`, error);
    }
    if (systemCode(error) !== "ENOENT") {
      throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
    }
    throw await noManifest(folder);
  }
  return {
    manifest: parseJson(text, manifestSchema, file, WHAT),
    fingerprint: hashBytes(text),
  };
}

/** The largest manifest that is read from a store: a million shards have less. */
const MOST_BYTES = 256 * 2 ** 20;

async function remoteText(folder: string): Promise<string> {
  const { readObject } = await import("../remote/index.js");
  const bytes = await readObject(folder, MANIFEST_FILE, MOST_BYTES);
  if (bytes !== undefined) return new TextDecoder().decode(bytes);
  throw unfinished(folder, await readJournalOf(folder));
}

/** The error for a folder without a manifest. */
async function noManifest(folder: string): Promise<VadiError> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    return failure(whyMissing(folder), error);
  }
  return unfinished(folder, entries.includes(JOURNAL_FILE) ? readJournal(folder) : undefined);
}

/** The error for a folder whose journal is all that is known of a dataset. */
function unfinished(folder: string, journal: JournalContent | undefined): VadiError {
  if (journal === undefined) {
    return failure(`${folder} is not a dataset: it has no ${MANIFEST_FILE}.`);
  }
  const shards = journal.spec?.["shards"];
  return typeof shards === "string"
    ? failure(
        `${folder} holds a part of a dataset, the shards ${shards}; put the parts together with 'vadi join'.`,
      )
    : failure(
        (option) =>
          `${folder} holds a dataset that is not finished; run the 'vadi generate' that started it again with ${option("resume")}.`,
      );
}
