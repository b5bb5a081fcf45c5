import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { interruption } from "../../common/errors.js";
import { sqlFailure } from "./sql-error.js";

/** What DuckDB may keep in memory; what needs more goes to temporary files. */
const MEMORY = "384MiB";
/** Rows that DuckDB's threads make ahead of those that are taken. */
const AHEAD = "64MiB";

/** The database of one job. */
export interface Database {
  connection: DuckDBConnection;
  /** Runs a statement. */
  run(sql: string): Promise<void>;
  /** All rows of a small result, as DuckDB's JSON has their values: large integers as texts. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** The result of a query, a chunk of at most 2048 rows at a time, in the order of the files. */
  stream(sql: string): Promise<DuckDBResult>;
  /** Runs something on the connection; its errors, and an abort, are in vadi's words. */
  attempt<Result>(run: () => Promise<Result>): Promise<Result>;
  /** What is to be done when it is closed. */
  onClose(run: () => Promise<void>): void;
  close(): Promise<void>;
}

/** How a database is opened. */
export interface DatabaseOptions {
  /** Threads of DuckDB; default: one per core. */
  threads?: number;
  signal?: AbortSignal;
}

let opened = 0;

/**
 * Opens a database in memory. It downloads nothing: extensions are loaded only where the user has installed
 * them. Close it after use.
 */
export async function openDatabase({ threads, signal }: DatabaseOptions = {}): Promise<Database> {
  // Loaded only where a table is read by it: the library has 70 MB.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const temporary = path.join(tmpdir(), `vadi-duckdb-${process.pid}-${opened++}`);
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    memory_limit: MEMORY,
    temp_directory: temporary,
    ...(threads !== undefined && { threads: String(threads) }),
  });
  const connection = await instance.connect();
  const closing: (() => Promise<void>)[] = [];
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener("abort", interrupt);
  const attempt = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    try {
      if (signal?.aborted) throw interruption();
      return await run();
    } catch (error) {
      if (signal?.aborted) throw interruption();
      throw sqlFailure(error);
    }
  };
  // Timestamps with a time zone become the same moments on every machine.
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET streaming_buffer_size = '${AHEAD}'`);
  return {
    connection,
    run: (sql) => attempt(async () => void (await connection.run(sql))),
    rows: (sql) => attempt(async () => (await connection.runAndReadAll(sql)).getRowObjectsJson()),
    stream: (sql) => attempt(() => connection.stream(sql)),
    attempt,
    onClose: (run) => void closing.push(run),
    async close() {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      instance.closeSync();
      // What is left of temporary files harms no result.
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      for (const run of closing) await run();
    },
  };
}

/** A name in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of texts in SQL. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
