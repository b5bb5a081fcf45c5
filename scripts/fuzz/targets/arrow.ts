import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { makeVector, Table as ArrowTable, tableToIPC } from "apache-arrow";
import { openTable, writeDataset } from "../../../src/storage/index.js";
import { withChecksums } from "../../../src/storage/dataset/verify-on-read.js";
import type { Sample, Target } from "../target.js";
import { readFiles, readRows } from "./rows.js";

/** Files of pyarrow and others: compressed buffers, dictionaries that grow and are replaced, old streams. */
const FIXTURES = fileURLToPath(new URL("../../../../test/storage/arrow/fixtures", import.meta.url));
const FILES = [
  "delta.arrow",
  "delta.arrows",
  "legacy.arrows",
  "pyarrow.arrow",
  "pyarrow.arrows",
  "replaced.arrows",
] as const;

const SHARDS = ["shard-00000.arrow", "shard-00001.arrow"];

export const target: Target = {
  async write(folder) {
    for (const name of FILES) {
      await mkdir(path.join(folder, name), { recursive: true });
      await cp(path.join(FIXTURES, name), path.join(folder, name, name));
    }
    const table = new ArrowTable({
      a: makeVector(Float64Array.from({ length: 60 }, (_, row) => row / 3)),
      y: makeVector(Int32Array.from({ length: 60 }, (_, row) => row)),
    });
    for (const kind of ["file", "stream"] as const) {
      await mkdir(path.join(folder, kind));
      await writeFile(path.join(folder, kind, "t.arrow"), tableToIPC(table, kind));
    }
    for (const name of ["checked", "shards"]) {
      const out = path.join(folder, name);
      await writeDataset({ kind: "lsm", rows: 300, features: 3, shardRows: 200, workers: 1, out });
    }
  },
  samples: {
    ...Object.fromEntries(
      FILES.map((name): [string, Sample] => [
        name,
        { files: [name], read: (folder) => readFiles(`${folder}/${name}`, { invalid: "drop" }) },
      ]),
    ),
    file: { files: ["t.arrow"], read: (folder) => readFiles(`${folder}/t.arrow`) },
    stream: { files: ["t.arrow"], read: (folder) => readFiles(`${folder}/t.arrow`) },
    checked: {
      files: SHARDS,
      checked: SHARDS,
      read: async (folder) => readRows(withChecksums(await openTable(folder))!),
    },
    shards: { files: SHARDS, read: async (folder) => readRows(await openTable(folder)) },
  },
};
