import { mkdir } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { openTable, writeDataset } from "../../../src/storage/index.js";
import { withChecksums } from "../../../src/storage/dataset/verify-on-read.js";
import { readTable } from "../../../src/storage/tables/read-table.js";
import { writeTable } from "../../../src/storage/index.js";
import type { Sample, Target } from "../target.js";
import { readFiles, readRows } from "./rows.js";

const CODECS = ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"] as const;

/** Numbers of all types, missing values, a text and a list, of which the last two cannot be read. */
const NUMBERS = `select i % 11 as a, case when i % 5 = 1 then null else i * 1.5 end as b,
  i % 3 = 0 as c, (i * i)::decimal(12, 3) as d, 'n' || i % 7 as s, [i, i + 1] as l,
  i::float as f, date '2024-01-01' + i::int as t, i::hugeint as h, i / 2 as y from range(300) t(i)`;

/** Rows in groups, of which some columns have dictionaries. */
const GROUPS = "select i % 13 as a, (i * 7919) % 1000 / 4 as b, i % 7 as y from range(5000) t(i)";

const COLUMNS = [
  { name: "step", type: "INT64" },
  { name: "loss", type: "DOUBLE" },
] as const;

/** A folder of shards that is read with its checksums. */
const checkedShards: Sample = {
  files: ["shard-00000.parquet", "shard-00001.parquet"],
  checked: ["shard-00000.parquet", "shard-00001.parquet"],
  read: async (folder) => readRows(withChecksums(await openTable(folder))!),
};

/** The same, without them. */
const plainShards: Sample = {
  files: checkedShards.files,
  read: async (folder) => readRows(await openTable(folder)),
};

export const target: Target = {
  async write(folder) {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    for (const codec of CODECS) {
      const out = path.join(folder, codec);
      await mkdir(out, { recursive: true });
      await connection.run(`copy (${NUMBERS}) to '${out}/t.parquet' (compression ${codec})`);
    }
    await mkdir(path.join(folder, "groups"));
    await connection.run(
      `copy (${GROUPS}) to '${folder}/groups/t.parquet' (parquet_version v2, row_group_size 2048)`,
    );
    connection.closeSync();
    instance.closeSync();
    for (const compression of ["none", "snappy", "zstd"] as const) {
      for (const name of ["checked", "shards"]) {
        await writeDataset({
          kind: "lsm",
          rows: 300,
          features: 3,
          shardRows: 200,
          format: "parquet",
          compression,
          workers: 1,
          out: path.join(folder, `${name}-${compression}`),
        });
      }
    }
    await mkdir(path.join(folder, "result"));
    await writeTable(path.join(folder, "result/t.parquet"), COLUMNS, {
      step: Array.from({ length: 50 }, (_, row) => row),
      loss: Array.from({ length: 50 }, (_, row) => 1 / (1 + row)),
    });
  },
  samples: {
    ...Object.fromEntries(
      CODECS.map((codec): [string, Sample] => [
        codec,
        {
          files: ["t.parquet"],
          read: (folder) =>
            readFiles(`${folder}/t.parquet`, {
              target: "y",
              features: ["a", "b", "c", "d", "f", "h"],
              invalid: "drop",
            }),
        },
      ]),
    ),
    groups: { files: ["t.parquet"], read: (folder) => readFiles(`${folder}/t.parquet`) },
    ...Object.fromEntries(
      ["none", "snappy", "zstd"].flatMap((codec): [string, Sample][] => [
        [`checked-${codec}`, checkedShards],
        [`shards-${codec}`, plainShards],
      ]),
    ),
    result: {
      files: ["t.parquet"],
      read: async (folder) => JSON.stringify(await readTable(`${folder}/t.parquet`, COLUMNS)),
    },
  },
};
