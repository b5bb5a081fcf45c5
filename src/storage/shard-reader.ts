import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { readArrowIndex } from "./arrow-reader.js";
import { selectRows, type RowSelection } from "./selected-rows.js";
import type { ForeignReading } from "./foreign/types.js";
import type { TableFormat } from "./manifest.js";
import type { Floats, Standardization } from "./standardize.js";
import { checkShard, type ShardChecksum } from "./verified-shard.js";

/**
 * Where rows are put: row-major features and targets, from a row of the arrays on. Float64 arrays get
 * a file's doubles as they are, Float32 arrays get them rounded, after any standardisation.
 */
export interface RowTarget {
  x: Floats;
  y: Floats;
}

/** Reads any rows of one shard. It belongs to one thread; close it after use. */
export interface ShardReader {
  readonly rows: number;
  /** Reads rows first … first+rows−1 into the arrays from row `at` on. */
  read(first: number, rows: number, target: RowTarget, at: number): Promise<void>;
  /** Throws a failure where the file has changed since it was opened. */
  check(): void;
  close(): void;
}

/** A file of a known size, read at given places. */
export interface RandomAccessFile {
  readonly path: string;
  readonly size: number;
  /** Fills the array from the file; throws a failure where the file ends before. */
  readInto(bytes: Uint8Array, position: number): void;
  read(position: number, length: number): Uint8Array<ArrayBuffer>;
}

/** Where a shard's rows lie in its file: what its footer says, checked. */
export interface ShardIndex {
  readonly rows: number;
  /** How much there is to remember of the footer, in numbers. */
  readonly entries: number;
  /** As a reader's `read`, from a file that has been opened again. */
  read(
    file: RandomAccessFile,
    first: number,
    rows: number,
    target: RowTarget,
    at: number,
    standardize: Standardization | undefined,
  ): Promise<void>;
}

/** What opens a shard. */
export interface ShardSource {
  file: string;
  format: TableFormat;
  /** Rows and features that the manifest promises. */
  rows: number;
  features: number;
  /** Applied in float64 to every value that is read. Default: values are as they lie in the file. */
  standardize?: Standardization;
  /** What its file was when the table was opened, as `fileVersion` says; it must not change. */
  version?: string;
  /** Only these of its rows, `rows` in number. */
  selection?: RowSelection;
  /** How a file is read that vadi did not write. */
  foreign?: ForeignReading;
  /** Its bytes are checked before the first of them is used. */
  checksum?: ShardChecksum;
}

/** What tells a file from one that has been changed or put in its place. */
export function fileVersion(found: { size: number; mtimeMs: number; ino: number }): string {
  return `${found.size} ${found.mtimeMs} ${found.ino}`;
}

/** A file that is open, and what tells whether it is still the same. */
export interface OpenFile extends RandomAccessFile {
  readonly version: string;
  versionNow(): string;
  close(): void;
}

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
  if (known === undefined || known.version !== file.version) return readIndex(file, source, key);
  remember(key, known.version, known.index);
  return known.index;
}

async function readIndex(file: OpenFile, source: ShardSource, key: string): Promise<ShardIndex> {
  const index = await makeIndex(file, source);
  remember(key, file.version, index);
  return index;
}

/** Formats are loaded as they are met: a thread takes no longer to start than what it reads needs. */
async function makeIndex(file: OpenFile, source: ShardSource): Promise<ShardIndex> {
  const { format, features, foreign } = source;
  if (foreign !== undefined) {
    const { openForeign } = await import("./foreign/open-file.js");
    const { foreignIndex } = await import("./foreign/foreign-index.js");
    const opened = await openForeign(file, format, foreign.pieces);
    return foreignIndex(file.path, file.version, opened, foreign);
  }
  if (format === "arrow") return readArrowIndex(file, features);
  const { readParquetIndex } = await import("./parquet-reader.js");
  return readParquetIndex(file, file.version, features);
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

/** Opens a file for reading at given places. */
export function openFile(path: string): OpenFile {
  const descriptor = openSync(path, "r");
  const opened = fstatSync(descriptor);
  const { size } = opened;
  const readInto = (bytes: Uint8Array, position: number): void => {
    for (let done = 0; done < bytes.byteLength;) {
      const length = readSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
      if (length === 0) throw failure(`${path} is cut short: it ends at byte ${position + done}.`);
      done += length;
    }
  };
  return {
    path,
    size,
    version: fileVersion(opened),
    versionNow: () => fileVersion(fstatSync(descriptor)),
    readInto,
    read(position, length) {
      if (position < 0 || length < 0 || position + length > size) {
        throw failure(`${path} is damaged: it names bytes outside itself.`);
      }
      const bytes = new Uint8Array(length);
      readInto(bytes, position);
      return bytes;
    },
    close() {
      closeSync(descriptor);
    },
  };
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
