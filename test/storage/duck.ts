import { DuckDBInstance } from "@duckdb/node-api";

/** Runs SQL statements in DuckDB: an independent writer and reader of Parquet and CSV. */
export async function runSql(...statements: string[]): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    for (const statement of statements.slice(0, -1)) await connection.run(statement);
    const result = await connection.runAndReadAll(statements.at(-1)!);
    return result.getRowObjectsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
