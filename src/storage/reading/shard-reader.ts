import { failure, reasonOf, VadiError } from "../../common/errors.js";
import { openTableFile } from "./open-table-file.js";
import { foreignReading, shardReading } from "./choose-reading.js";
import { createRowIndex } from "./row-index.js";
import { selectRows } from "./selected-rows.js";
import { checkShardOnce } from "./verified-shard.js";
import type { ShardReader, ShardIndex, ShardSource } from "../format/types.js";
import { openFile, type OpenFile } from "../format/open-file.js";

/**
 * Indexes of the shards that this thread has read last: a window reads from many shards, and would
 * otherwise spend most of its time on their metadata.
 */
const remembered = new Map<string, { version: string; index: ShardIndex }>();
/** Numbers in all remembered indexes, at most: some tens of megabytes. */
const REMEMBERED_ENTRIES = 1_000_000;
/** What the objects of an index take besides, as numbers. */
const OBJECTS = 200;
let rememberedEntries = 0;

function forget(key: string): void {
  const known = remembered.get(key);
  if (known !== undefined) rememberedEntries -= known.index.entries + OBJECTS;
  remembered.delete(key);
}

async function indexOf(file: OpenFile, source: ShardSource): Promise<ShardIndex> {
  const { features, format, foreign } = source;
  const columns =
    foreign === undefined ? features : [foreign.invalid, foreign.residuals, foreign.columns];
  const key = JSON.stringify([columns, format, source.file]);
  const known = remembered.get(key);
  forget(key);
  const index = known?.version === file.version ? known.index : await readIndex(file, source, key);
  remember(key, file.version, index);
  return index;
}

async function readIndex(file: OpenFile, source: ShardSource, key: string): Promise<ShardIndex> {
  const { format, features, foreign } = source;
  const table = await openTableFile(file, format);
  const reading =
    foreign === undefined
      ? shardReading(file.path, table, features)
      : foreignReading(file.path, table, foreign);
  return createRowIndex(file, table, { key, ...reading });
}

/** Puts an index last, and forgets the first ones if there are too many. */
function remember(key: string, version: string, index: ShardIndex): void {
  remembered.set(key, { version, index });
  rememberedEntries += index.entries + OBJECTS;
  for (const first of remembered.keys()) {
    if (rememberedEntries <= REMEMBERED_ENTRIES) return;
    forget(first);
  }
}

/**
 * Opens a shard. Its bytes are checked if the source has a checksum, and its columns and rows against
 * the manifest.
 *
 * @throws a failure that names the file
 */
export async function openShard(source: ShardSource): Promise<ShardReader> {
  const { selection, checksum, ...all } = source;
  if (checksum !== undefined) checkShardOnce(source.file, checksum);
  if (selection === undefined) return openAllRows(all);
  const reader = await openAllRows({ ...all, rows: selection.shardRows });
  return selectRows(reader, source.features, selection);
}

async function openAllRows(source: ShardSource): Promise<ShardReader> {
  const file = openShardFile(source.file);
  try {
    if (source.version !== undefined && source.version !== file.version) throw changed(source);
    const index = await indexOf(file, source);
    checkRows(source, index.rows);
    return createReader(file, index, source);
  } catch (error) {
    const hasChanged = file.versionNow() !== file.version;
    file.close();
    if (hasChanged) throw changed(source);
    if (error instanceof VadiError) throw error;
    throw failure(
      `${source.file} is not a readable ${source.format} shard: ${reasonOf(error)}.`,
      error,
    );
  }
}

function openShardFile(path: string): OpenFile {
  try {
    return openFile(path);
  } catch (error) {
    throw failure(`Could not open shard ${path}: ${reasonOf(error)}.`, error);
  }
}

function changed({ file }: ShardSource): VadiError {
  return failure(
    `Shard ${file} has changed since the dataset was opened; open it again, or check it with 'vadi verify'.`,
  );
}

function checkRows({ file, rows, foreign }: ShardSource, found: number): void {
  if (found === rows) return;
  throw failure(
    foreign === undefined
      ? `${file} holds ${found} rows, but the manifest says ${rows}; check the dataset with 'vadi verify'.`
      : `${file} has changed since it was opened; open it again.`,
  );
}

function createReader(file: OpenFile, index: ShardIndex, source: ShardSource): ShardReader {
  const hasChanged = (): boolean => file.versionNow() !== file.version;
  return {
    rows: index.rows,
    async read(first, rows, target, at) {
      try {
        await index.read(file, first, rows, target, at, source.standardize);
      } catch (error) {
        // A program that overwrites a file truncates it first, so that reading fails.
        if (hasChanged()) throw changed(source);
        if (error instanceof VadiError) throw error;
        throw failure(
          `Could not read rows ${first} to ${first + rows - 1} of ${source.file}: ${reasonOf(error)}.`,
          error,
        );
      }
    },
    check() {
      if (hasChanged()) throw changed(source);
    },
    close: () => file.close(),
  };
}
