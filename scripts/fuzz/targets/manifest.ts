import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { convert, openTable, verifyDataset, writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import type { Sample, Target } from "../target.js";
import { readRows } from "./rows.js";

const CSV = `a,b,y\n${Array.from({ length: 40 }, (_, row) => `${row},${row % 3 === 0 ? "red" : "blue"},${row / 2}`).join("\n")}\n`;

/** Whether a changed file is the one of sums, and has only such lines still: one may be there twice. */
async function hasSameSums(folder: string, changed: string): Promise<boolean> {
  if (changed !== "SHA256SUMS") return false;
  const lines = (await readFile(path.join(folder, changed), "utf8")).split("\n");
  return lines.every((line) => line === "" || /^[0-9a-f]{64} [ *]\S+$/.test(line));
}

/** Opens a dataset, reads its rows, and verifies it: what is changed must not verify. */
async function read(folder: string, changed: string | undefined): Promise<string> {
  const table = await openTable(folder);
  const rows = await readRows(table);
  const dataset = await openDataset(folder);
  const { ok, shards } = await verifyDataset(folder);
  if (ok && changed !== undefined && !(await hasSameSums(folder, changed))) {
    throw new Error(`Verified, although ${changed} was changed.`);
  }
  const wrong = shards.filter(({ status }) => status !== "ok").map(({ file }) => file);
  return JSON.stringify([rows, dataset.features, dataset.manifest, wrong]);
}

const sample: Sample = { files: ["manifest.json", "manifest.json", "SHA256SUMS"], read };

export const target: Target = {
  async write(folder) {
    const spec = { rows: 90, features: 2, shardRows: 40, workers: 1 } as const;
    await writeDataset({ ...spec, kind: "lsm", out: path.join(folder, "lsm") });
    await writeDataset({
      ...spec,
      kind: "two-layer-sigmoid",
      format: "parquet",
      compression: "snappy",
      out: path.join(folder, "two-layer-sigmoid"),
    });
    const source = `${folder}.csv`;
    await writeFile(source, CSV);
    await convert(source, { out: path.join(folder, "table"), categorical: ["b"], impute: "mean" });
  },
  samples: { lsm: sample, "two-layer-sigmoid": sample, table: sample },
};
