// DuckDB's COPY of the rows of a query into one Parquet file, on all cores.
import { closeSync, fsyncSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type * as DuckDb from "@duckdb/node-api";
import { syncFolderNow } from "../../../src/files/system/flush.js";
import { literal } from "../../../src/storage/duckdb/database.js";
import { runPeer } from "./peer.js";

const require = createRequire(import.meta.url);

await runPeer<{ out: string; query: string; file: string }>(async ({ out, query, file: name }) => {
  // As a program that needs it once would; `import` of a CommonJS package takes longer than `require`.
  const { DuckDBInstance } = require("@duckdb/node-api") as typeof DuckDb;
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const file = path.join(out, name);
  const format = name.endsWith(".csv") ? "FORMAT csv" : "FORMAT parquet, COMPRESSION uncompressed";
  await connection.run(`COPY (${query}) TO ${literal(file)} (${format})`);
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncFolderNow(out);
});
