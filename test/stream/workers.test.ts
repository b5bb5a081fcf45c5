import { createHash } from "node:crypto";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import {
  openDataset,
  SHUFFLE_MODES,
  type BatchOptions,
  type Dataset,
} from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";
import { namesIn } from "../storage/folders.js";

/** What all batches hold, and how they are cut. */
async function digestOf(dataset: Dataset, options: BatchOptions): Promise<string> {
  const hash = createHash("sha256");
  for await (const { epoch, index, rows, x, y } of dataset.batches(options)) {
    hash.update(`${epoch} ${index} ${rows}\n`).update(x).update(y);
  }
  return hash.digest("hex");
}

test(
  "batches are the same to the bit with any number of workers, any depth of read-ahead, and in any format",
  inFolder(async (folder) => {
    // 6.6 MB: several chunks in every mode, and more than the middle budget holds.
    const spec = { kind: "lsm", rows: 40_000, features: 40, shardRows: 15_000 } as const;
    const scratch = path.join(folder, "scratch");
    const datasets: Dataset[] = [];
    for (const [format, compression] of [
      ["arrow", "none"],
      ["parquet", "none"],
      ["parquet", "zstd"],
    ] as const) {
      const out = path.join(folder, `${format}-${compression}`);
      await writeDataset({ ...spec, out, format, compression });
      datasets.push(await openDataset(out));
    }
    const digests = new Set<string>();
    for (const shuffle of SHUFFLE_MODES) {
      const options = { batchSize: 700, shuffle, epochs: 2, scratch };
      const expected = await digestOf(datasets[0]!, options);
      digests.add(expected);
      for (const dataset of datasets) {
        for (const workers of [1, 2, 4]) {
          // One chunk at a time, some, and two a thread.
          for (const memory of [1, 2 ** 23, 2 ** 28]) {
            const found = await digestOf(dataset, { ...options, workers, memory });
            const { format } = dataset;
            assert.is(found, expected, `${shuffle} ${format} ${workers} workers, ${memory} bytes`);
          }
        }
      }
    }
    assert.is(digests.size, SHUFFLE_MODES.length, "each mode has an order of its own");
    assert.equal(await namesIn(scratch), []);
  }),
);

test.run();
