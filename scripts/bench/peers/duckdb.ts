// The linear data by DuckDB's SQL, into one Parquet file. Each Box–Muller pair gives two features,
// which is faster than a pair for each.
import { closeSync, fsyncSync, openSync } from "node:fs";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { randomNormals, STREAMS } from "../../../src/generate/index.js";
import { syncFolderNow } from "../../../src/files/system/flush.js";
import { runPeer, type FileOptions } from "./peer.js";

const RADIUS = "sqrt(-2 * ln(1 - random()))";
const ANGLE = "2 * pi() * random()";

function statement(rows: number, features: number, file: string): string {
  const weights = randomNormals(42, STREAMS.trueWeights, 0, features);
  const pairs = Array.from({ length: Math.ceil(features / 2) }, (_, pair) => pair);
  const draws = pairs.map((pair) => `${RADIUS} AS r${pair}, ${ANGLE} AS a${pair}`);
  const columns = Array.from(weights, (_, feature) => {
    const pair = feature >> 1;
    const wave = feature % 2 === 0 ? "cos" : "sin";
    return `(r${pair} * ${wave}(a${pair}))::FLOAT AS x${feature}`;
  });
  const products = Array.from(weights, (weight, feature) => `x${feature} * (${weight})`);
  return `COPY (
    SELECT *, (${products.join(" + ")} + 0.1 * ${RADIUS} * cos(${ANGLE}))::FLOAT AS y
    FROM (SELECT ${columns.join(", ")} FROM (SELECT ${draws.join(", ")} FROM range(${rows})))
  ) TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION uncompressed)`;
}

const { threads } = JSON.parse(process.argv[2] ?? "") as { threads: number };
const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
const connection = await instance.connect();

await runPeer<FileOptions>(async ({ out, rows, features }) => {
  const file = path.join(out, "table.parquet");
  await connection.run(statement(rows, features, file));
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncFolderNow(out);
});
