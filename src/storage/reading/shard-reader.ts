import { failure, messageOf, VadiError } from "../../common/errors.js";
import { openTableFile } from "./open-table-file.js";
import { foreignReading, shardReading } from "./choose-reading.js";
import { createRowIndex } from "./row-index.js";
import { selectRows } from "./selected-rows.js";
import { checkShard } from "./verified-shard.js";
import type { ShardReader, ShardIndex, ShardSource } from "../format/types.js";
import { openFile, type OpenFile } from "../format/open-file.js";

/**
 * Indexes of the shards that this thread has read last. A window reads from many shards, and most of
 * the time would go into their footers.
 */
const remembered = new Map<string, { version: string; index: ShardIndex }>();
/** Numbers in remembered indexes, at the most: some tens of megabytes. */
const REMEMBERED_ENTRIES = 1_000_000;
let rememberedEntries = 0;

function forget(key: string): void {
  rememberedEntries -= remembered.get(key)?.index.entries ?? 0;
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
  const table = await openTableFile(file, format, foreign?.pieces);
  const reading =
    foreign === undefined
      ? shardReading(file.path, table, features)
      : foreignReading(file.path, table, foreign);
  return createRowIndex(file, table, { key, ...reading });
}

/** The one used last comes last; the first go where there are too many. */
function remember(key: string, version: string, index: ShardIndex): void {
  remembered.set(key, { version, index });
  rememberedEntries += index.entries;
  for (const first of remembered.keys()) {
    if (rememberedEntries <= REMEMBERED_ENTRIES) return;
    forget(first);
  }
}

/**
 * Opens a shard and checks its footer against what the manifest promises, and before that its bytes
 * where the source has a checksum.
 *
 * @throws a failure that names the file
 */
export async function openShard(source: ShardSource): Promise<ShardReader> {
  const { selection, checksum, ...whole } = source;
  if (checksum !== undefined) checkShard(source.file, checksum);
  if (selection === undefined) return openWholeShard(whole);
  const reader = await openWholeShard({ ...whole, rows: selection.shardRows });
  return selectRows(reader, source.features, selection);
}

async function openWholeShard(source: ShardSource): Promise<ShardReader> {
  let file: OpenFile;
  try {
    file = openFile(source.file);
  } catch (error) {
    throw failure(`Could not open shard ${source.file}: ${messageOf(error)}.`, error);
  }
  const changed = (): VadiError =>
    failure(
      `Shard ${source.file} has changed since the dataset was opened; open it again, or check it with 'vadi verify'.`,
    );
  try {
    if (source.version !== undefined && source.version !== file.version) throw changed();
    const index = await indexOf(file, source);
    if (index.rows !== source.rows) {
      if (source.foreign !== undefined) {
        throw failure(`${source.file} has changed since it was opened; open it again.`);
      }
      throw failure(
        `${source.file} holds ${index.rows} rows, but the manifest says ${source.rows}; check the dataset with 'vadi verify'.`,
      );
    }
    return {
      rows: index.rows,
      async read(first, rows, target, at) {
        try {
          await index.read(file, first, rows, target, at, source.standardize);
        } catch (error) {
          // Whoever writes to it makes it short first.
          if (file.versionNow() !== file.version) throw changed();
          if (error instanceof VadiError) throw error;
          throw failure(
            `Could not read rows ${first} to ${first + rows - 1} of ${source.file}: ${messageOf(error)}.`,
            error,
          );
        }
      },
      check() {
        if (file.versionNow() !== file.version) throw changed();
      },
      close: () => file.close(),
    };
  } catch (error) {
    const isChanged = file.versionNow() !== file.version;
    file.close();
    if (isChanged) throw changed();
    if (error instanceof VadiError) throw error;
    throw failure(
      `${source.file} is not a readable ${source.format} shard: ${messageOf(error)}.`,
      error,
    );
  }
}
