import { writeFile } from "node:fs/promises";
import path from "node:path";
import { convert, openShard, openTable, writeDataset } from "../../src/storage/index.js";

const ROWS = 5000;
const FEATURES = 3;
const SHARD_ROWS = 2000;

/** Makes datasets in every format and compression, generated and converted, for check.py to read. */
export async function makeFormats(folder: string): Promise<void> {
  const spec = { kind: "lsm", rows: ROWS, features: FEATURES, shardRows: SHARD_ROWS } as const;
  const out = (name: string): string => path.join(folder, name);
  await writeDataset({ ...spec, out: out("arrow") });
  const datasets = ["arrow"];
  for (const compression of ["none", "snappy", "zstd"] as const) {
    const name = `parquet-${compression}`;
    await writeDataset({ ...spec, out: out(name), format: "parquet", compression });
    datasets.push(name);
  }
  await convert(out("arrow"), { out: out("parquet-converted"), format: "parquet" });
  await convert(out("parquet-zstd"), { out: out("arrow-converted") });
  datasets.push("parquet-converted", "arrow-converted");
  await writeFile(out("expected.bin"), await valuesOf(out("arrow")));
  const metadata = {
    "vadi.kind": "lsm",
    "vadi.features": String(FEATURES),
    "vadi.noise": "0.1",
    "vadi.seed": "42",
  };
  const expected = { rows: ROWS, features: FEATURES, datasets, metadata };
  await writeFile(out("expected.json"), JSON.stringify(expected));
}

/** All values of a dataset, a row after the other with its target. */
async function valuesOf(folder: string): Promise<Float32Array> {
  const { shards } = await openTable(folder);
  const x = new Float32Array(ROWS * FEATURES);
  const y = new Float32Array(ROWS);
  let at = 0;
  for (const shard of shards) {
    const reader = await openShard(shard);
    await reader.read(0, reader.rows, { x, y }, at);
    reader.close();
    at += reader.rows;
  }
  const stride = FEATURES + 1;
  return Float32Array.from({ length: ROWS * stride }, (_, index) => {
    const row = Math.floor(index / stride);
    const column = index % stride;
    return (column === FEATURES ? y[row] : x[row * FEATURES + column]) ?? NaN;
  });
}
