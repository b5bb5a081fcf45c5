import path from "node:path";
import { fillOptions, type GivenOptions } from "../../common/options/options.js";
import type { OnProgress } from "../../common/progress.js";
import { systemCacheFolder } from "../../files/system/system-cache.js";
import { openRemoteTable, openTable, type Table } from "../dataset/open-table.js";
import { MANIFEST_FILE } from "../format/file-names.js";
import { isRemote } from "../format/location.js";
import { tableOptions } from "../options.js";
import { JOURNAL_FILE } from "../output/journal.js";
import { isBeingReplaced } from "../output/dataset-folder.js";
import { findFiles } from "../reading/find-files.js";
import { selectColumns } from "./select-columns.js";
import { exists } from "../../files/folders.js";

/** What to read of a table, and what to do with values that are no finite float32 numbers. */
export type SourceOptions = GivenOptions<typeof tableOptions> & {
  signal?: AbortSignal;
  onProgress?: OnProgress;
};

/**
 * Opens a dataset's folder or URL, or a foreign table: Parquet or Arrow files, folders of them, glob patterns.
 *
 * @throws a usage error for columns that are not there, a failure that names what cannot be read
 */
export async function openSource(
  source: string | readonly string[],
  options: SourceOptions = {},
): Promise<Table> {
  const sources = typeof source === "string" ? [source] : [...source];
  const [only] = sources;
  const { invalid, cache, cacheSize } = fillOptions(tableOptions, options);
  if (only !== undefined && sources.length === 1 && isRemote(only)) {
    const place = { folder: path.resolve(cache ?? systemCacheFolder()), size: cacheSize };
    return selectColumns(await openRemoteTable(only, place), options);
  }
  if (only !== undefined && sources.length === 1 && isDataset(only)) {
    return selectColumns(await openTable(only), options);
  }
  const { openFiles } = await import("./open-files.js");
  return openFiles(await findFiles(sources), { ...options, invalid, sources });
}

/** Whether a folder is a dataset, perhaps unfinished or being replaced, which `openTable` reports. */
export function isDataset(source: string): boolean {
  return (
    source === "" ||
    isRemote(source) ||
    isBeingReplaced(source) ||
    [MANIFEST_FILE, JOURNAL_FILE].some((file) => exists(path.join(source, file)))
  );
}
