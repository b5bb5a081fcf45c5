import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { failure, messageOf, VadiError } from "../common/errors.js";
import { readArrowIndex } from "./arrow-reader.js";
import { openParquetReader } from "./parquet-reader.js";
import type { ShardFormat } from "./shard-format.js";

/** Where rows are put: row-major features and targets, from a row of the arrays on. */
export interface RowTarget {
  x: Float32Array;
  y: Float32Array;
}

/** Reads any rows of one shard. It belongs to one thread; close it after use. */
export interface ShardReader {
  readonly rows: number;
  /** Reads rows first … first+rows−1 into the arrays from row `at` on. */
  read(first: number, rows: number, target: RowTarget, at: number): Promise<void>;
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

/** What opens a shard. */
export interface ShardSource {
  file: string;
  format: ShardFormat;
  /** Rows and features that the manifest promises. */
  rows: number;
  features: number;
}

function openFile(path: string): RandomAccessFile & { close(): void } {
  const descriptor = openSync(path, "r");
  const { size } = fstatSync(descriptor);
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
 * Opens a shard and checks its footer against what the manifest promises.
 *
 * @throws a failure that names the file
 */
export async function openShard(source: ShardSource): Promise<ShardReader> {
  let file: ReturnType<typeof openFile>;
  try {
    file = openFile(source.file);
  } catch (error) {
    throw failure(`Could not open shard ${source.file}: ${messageOf(error)}.`, error);
  }
  try {
    const reader =
      source.format === "arrow"
        ? readArrowIndex(file, source.features)
        : await openParquetReader(file, source.features);
    if (reader.rows !== source.rows) {
      throw failure(
        `${source.file} holds ${reader.rows} rows, but the manifest says ${source.rows}; check the dataset with 'vadi verify'.`,
      );
    }
    return {
      rows: reader.rows,
      async read(first, rows, target, at) {
        try {
          await reader.read(first, rows, target, at);
        } catch (error) {
          if (error instanceof VadiError) throw error;
          throw failure(
            `Could not read rows ${first} to ${first + rows - 1} of ${source.file}: ${messageOf(error)}.`,
            error,
          );
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    if (error instanceof VadiError) throw error;
    throw failure(
      `${source.file} is not a readable ${source.format} shard: ${messageOf(error)}.`,
      error,
    );
  }
}
