import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { failure, messageOf } from "../../src/common/errors.js";
import { convert, openShard, openTable, writeDataset } from "../../src/storage/index.js";
import { openPython } from "../bench/python.js";

/*
 * `npm run readers`: makes datasets in every format and compression, generated and converted, and has
 * pyarrow, Polars, DuckDB and Spark read them without options: values to the bit, statistics of row
 * groups, and what each shard says of itself. The Python packages come from a virtual environment that
 * the first run makes in `--folder .bench`, with the versions of requirements.txt. Spark needs a Java
 * and is left out with `--skip-spark`.
 */

const ROWS = 5000;
const FEATURES = 3;
const SHARD_ROWS = 2000;

const source = fileURLToPath(new URL("../../../scripts/readers/", import.meta.url));

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

async function makeDatasets(folder: string): Promise<void> {
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

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      folder: { type: "string", default: ".bench" },
      "skip-spark": { type: "boolean", default: false },
    },
  });
  await mkdir(values.folder, { recursive: true });
  const python = await openPython(
    path.join(source, "requirements.txt"),
    path.resolve(values.folder),
    (sentence) => process.stderr.write(`${sentence}\n`),
  );
  if (python === undefined) throw failure("There is no python3 to run the readers with.");
  const folder = await mkdtemp(path.join(path.resolve(values.folder), "readers-"));
  try {
    await makeDatasets(folder);
    const { status } = spawnSync(python.program, [path.join(source, "check.py"), folder], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...(values["skip-spark"] && { SKIP_SPARK: "1" }) },
    });
    return status ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
