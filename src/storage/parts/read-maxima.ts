import path from "node:path";
import { z } from "zod/mini";
import { failure, messageOf } from "../../common/errors.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import type { CheckedSpec } from "../dataset/generate-spec.js";
import { isRemote } from "../format/location.js";
import { JOURNAL_FILE, readJournalOf } from "../output/journal.js";
import { readManifest } from "../dataset/read-manifest.js";
import { exists } from "../../files/folders.js";

/** The options that decide the maxima. */
const DECISIVE = ["kind", "rows", "features", "noise", "seed"] as const;

type Described = Partial<Record<(typeof DECISIVE)[number], unknown>>;

/**
 * Reads the maxima that a part or a dataset records: those over all rows of the dataset, which all its parts
 * divide by. The folder needs to hold only the manifest, or the journal where there is no manifest.
 *
 * @param wanted the dataset that the maxima are for
 * @throws a failure where the folder has no maxima, or has those of other data
 */
export async function readMaxima(folder: string, wanted: CheckedSpec): Promise<[number, number]> {
  const { data, maxima } = (await hasManifest(folder))
    ? await fromManifest(folder)
    : await fromJournal(folder);
  const own: Described = { ...wanted.row, rows: wanted.rows };
  for (const key of DECISIVE) {
    if (data[key] === own[key]) continue;
    const [there, here] = [String(data[key]), String(own[key])];
    throw failure(
      (option) =>
        `The maxima in ${folder} are those of other data: ${key === "kind" ? key : option(key)} is ${there} there, not ${here}.`,
    );
  }
  if (maxima === undefined) {
    throw failure(
      (option) =>
        `${folder} has no maxima yet: wait until the generation there has found them, or continue it with ${option("resume")}.`,
    );
  }
  return maxima;
}

interface WrittenMaxima {
  data: Described;
  maxima: [number, number] | undefined;
}

async function hasManifest(folder: string): Promise<boolean> {
  if (!isRemote(folder)) return exists(path.join(folder, MANIFEST_FILE));
  const { listObjects } = await import("../remote/index.js");
  return (await listObjects({ folder }))?.includes(MANIFEST_FILE) ?? true;
}

async function fromManifest(folder: string): Promise<WrittenMaxima> {
  const { manifest } = await readManifest(folder);
  const maxima = manifest.kind === "two-layer-sigmoid" ? manifest.constants.maxima : undefined;
  return { data: manifest, maxima };
}

async function fromJournal(folder: string): Promise<WrittenMaxima> {
  let content;
  try {
    content = await readJournalOf(folder);
  } catch (error) {
    throw failure(`Could not read the maxima in ${folder}: ${messageOf(error)}.`, error);
  }
  const data = z.looseObject({ kind: z.string() }).safeParse(content?.spec).data;
  if (content === undefined || data === undefined) {
    throw failure(
      `${folder} is neither a dataset nor a part of one: it has no ${MANIFEST_FILE} and no ${JOURNAL_FILE} of 'vadi generate'.`,
    );
  }
  return { data, maxima: content.maxima };
}
