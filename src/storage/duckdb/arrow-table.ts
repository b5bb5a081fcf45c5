import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DataType, RecordBatch, RecordBatchReader, Vector } from "apache-arrow";
import type * as DuckDbModule from "@duckdb/node-api";
import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { failure, reasonOf, throwIfAborted, VadiError } from "../../common/errors.js";
import { lz4FrameDecompress } from "../arrow/lz4-frame.js";
import { prepareCompression, zstdDecompress, zstdContent } from "../format/compression.js";
import { identifier, literal, type Database } from "./database.js";

/** Rows of a chunk of DuckDB. */
const CHUNK_ROWS = 2048;

/** The table that Arrow files are copied to, in SQL. */
export const ARROW_TABLE = "arrow.main.rows";

/**
 * Copies Arrow files into a temporary database of DuckDB's, which has no reader of them: a record batch at a time, in
 * the order of the files. It lies in the system's temporary folder until the database is closed.
 *
 * @throws a failure that names the file which cannot be read, or has other columns than the first
 */
export async function copyArrowFiles(
  database: Database,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "vadi-arrow-"));
  database.onClose(() => rm(folder, { recursive: true, force: true }));
  await database.run(`ATTACH ${literal(path.join(folder, "arrow.duckdb"))} AS arrow`);
  const {
    compressionRegistry,
    CompressionType,
    RecordBatchReader: Reader,
  } = await import("apache-arrow");
  await prepareCompression("zstd");
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    decode: (data) => lz4FrameDecompress(data),
  });
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (data) => zstdDecompress(data, zstdContent(data)),
  });
  const duckdb = await import("@duckdb/node-api");
  let copier: Copier | undefined;
  for (const file of files) {
    const handle = await open(file, "r");
    try {
      const reader = (await Reader.from(handle as FileHandle)) as RecordBatchReader;
      await reader.open();
      copier ??= await createCopier(database, duckdb, reader, file);
      copier.check(reader, file);
      for await (const batch of reader) {
        throwIfAborted(signal);
        await copier.copy(batch);
      }
    } catch (error) {
      if (error instanceof VadiError) throw error;
      throw failure(`${file} is not a readable Arrow file: ${reasonOf(error)}.`, error);
    } finally {
      await handle.close();
    }
  }
  await copier?.close();
}

/** Copies record batches of one schema. */
interface Copier {
  /** Throws where a file lacks a column of the first. */
  check(reader: RecordBatchReader, file: string): void;
  copy(batch: RecordBatch): Promise<void>;
  close(): Promise<void>;
}

/** A column of the table, and its values in a record batch. */
interface CopiedColumn {
  name: string;
  sql: string;
  /** The value of a row, which is not null. */
  valueOf(value: unknown): DuckDBValue;
  vectorOf(batch: RecordBatch): Vector | null;
}

async function createCopier(
  database: Database,
  duckdb: typeof DuckDbModule,
  { schema }: RecordBatchReader,
  first: string,
): Promise<Copier> {
  const columns = schema.fields.flatMap(({ name, type }) => columnsOf(duckdb, name, type));
  if (columns.length === 0) throw failure(`${first} has no columns that can be read.`);
  const list = columns.map(({ name, sql }) => `${identifier(name)} ${sql}`).join(", ");
  await database.run(`CREATE TABLE ${ARROW_TABLE} (${list})`);
  const appender = await database.attempt(() =>
    database.connection.createAppender("rows", "main", "arrow"),
  );
  const types = columns.map((_, at): DuckDBType => appender.columnType(at));
  const names = schema.fields.map((field) => field.name);
  const append = (chunk: DuckDBDataChunk, batch: RecordBatch, from: number, rows: number): void => {
    for (const [at, { valueOf, vectorOf }] of columns.entries()) {
      const vector = vectorOf(batch);
      const values = Array.from({ length: rows }, (_, row): DuckDBValue => {
        const value: unknown = vector?.get(from + row);
        return value === null || value === undefined ? null : valueOf(value);
      });
      chunk.setColumnValues(at, values);
    }
    appender.appendDataChunk(chunk);
  };
  return {
    check({ schema: { fields } }, file) {
      const absent = names.find((name) => !fields.some((field) => field.name === name));
      if (absent === undefined) return;
      throw failure(`${file} has no column ${absent}, which ${first} has.`);
    },
    async copy(batch) {
      for (let from = 0; from < batch.numRows; from += CHUNK_ROWS) {
        const rows = Math.min(CHUNK_ROWS, batch.numRows - from);
        append(duckdb.DuckDBDataChunk.create(types, rows), batch, from, rows);
      }
      appender.flushSync();
      // Between two batches others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
    async close() {
      appender.closeSync();
      await database.run("CHECKPOINT arrow");
    },
  };
}

/** The columns that a field becomes: none where its type is not read, one each for the items of a list of fixed size. */
function columnsOf(duckdb: typeof DuckDbModule, name: string, type: DataType): CopiedColumn[] {
  const list = type as DataType & { listSize?: number };
  if (list.listSize !== undefined && list.children[0] !== undefined) {
    const item = scalarOf(duckdb, list.children[0].type);
    if (item === undefined) return [];
    return Array.from({ length: list.listSize }, (_, at) => ({
      ...item,
      name: `${name}${at}`,
      vectorOf: (batch: RecordBatch) => itemsOf(batch.getChild(name), at),
    }));
  }
  const scalar = scalarOf(duckdb, type);
  if (scalar === undefined) return [];
  return [{ ...scalar, name, vectorOf: (batch) => batch.getChild(name) }];
}

/** One item of each list, by row. */
function itemsOf(lists: Vector | null, at: number): Vector {
  const get = (row: number): unknown => (lists?.get(row) as Vector | null)?.get(at);
  return { get } as unknown as Vector;
}

/** A type in SQL, and its values as DuckDB takes them; undefined for types that are not read. */
function scalarOf(
  duckdb: typeof DuckDbModule,
  type: DataType,
): Pick<CopiedColumn, "sql" | "valueOf"> | undefined {
  const kind = String(type);
  const number = { valueOf: Number };
  const integer = /^(U?)[Ii]nt(8|16|32|64)$/.exec(kind);
  if (integer !== null) {
    const [, sign = "", bits = ""] = integer;
    const size = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[bits]!;
    const valueOf = bits === "64" ? (value: unknown) => value as bigint : Number;
    return { sql: `${sign}${size}`, valueOf };
  }
  if (/^Float(16|32)$/.test(kind)) return { sql: "FLOAT", ...number };
  if (kind === "Float64") return { sql: "DOUBLE", ...number };
  if (kind === "Bool") return { sql: "BOOLEAN", valueOf: Boolean };
  if (/^(?:Large)?Utf8(?:View)?$/.test(kind)) return { sql: "VARCHAR", valueOf: String };
  if (kind.startsWith("Date")) {
    const days = (value: unknown): DuckDBValue =>
      new duckdb.DuckDBDateValue(Math.floor(Number(value) / 86_400_000));
    return { sql: "DATE", valueOf: days };
  }
  if (kind.startsWith("Timestamp")) {
    const moment = (value: unknown): DuckDBValue =>
      new duckdb.DuckDBTimestampValue(BigInt(Math.round(Number(value) * 1000)));
    return { sql: "TIMESTAMP", valueOf: moment };
  }
  if (kind.startsWith("Decimal")) {
    const { scale } = type as DataType & { scale: number };
    // The words of an integer, little-endian.
    const decimal = (value: unknown): number => Number(wordsOf(value)) / 10 ** scale;
    return { sql: "DOUBLE", valueOf: decimal };
  }
  const { dictionary } = type as DataType & { dictionary?: DataType };
  return dictionary === undefined ? undefined : scalarOf(duckdb, dictionary);
}

/** The integer of some 32-bit words in two's complement. */
function wordsOf(words: unknown): bigint {
  const list = [...(words as Uint32Array)];
  const whole = list.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(32 * list.length, whole);
}
