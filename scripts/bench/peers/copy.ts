// DuckDB's COPY of the rows of a query into one Parquet file, on all cores.
import { closeSync, fsyncSync, openSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { syncFolderNow } from "../../../src/files/system/flush.js";
import { literal } from "../../../src/storage/duckdb/database.js";
import { runPeer } from "./peer.js";

const connection = await (await DuckDBInstance.create(":memory:")).connect();

await runPeer<{ out: string; query: string; file: string }>(async ({ out, query, file: name }) => {
  const file = path.join(out, name);
  const format = name.endsWith(".csv") ? "FORMAT csv" : "FORMAT parquet, COMPRESSION uncompressed";
  await connection.run(`COPY (${query}) TO ${literal(file)} (${format})`);
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncFolderNow(out);
});
