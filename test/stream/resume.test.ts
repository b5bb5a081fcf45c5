import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import {
  openDataset,
  SHUFFLE_MODES,
  type BatchOptions,
  type LoaderState,
} from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";
import { assertRejects } from "../storage/folders.js";

const CHILD = fileURLToPath(new URL("consumer-child.js", import.meta.url));

/** Takes so many batches in a process of its own. */
function takeInChild(
  source: string,
  options: BatchOptions,
  most: number | "",
): { batches: unknown[]; state: LoaderState } {
  const words = [CHILD, source, `digest${most}`, JSON.stringify(options)];
  const child = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.is(child.status, 0, child.stderr);
  return JSON.parse(child.stdout) as { batches: unknown[]; state: LoaderState };
}

test(
  "fresh processes go on one after the other, within epochs and between them, in every mode",
  inFolder(async (folder) => {
    const source = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out: source, rows: 50_000, features: 4, shardRows: 12_000 });
    for (const shuffle of SHUFFLE_MODES) {
      // 17 batches an epoch, the last of them smaller.
      const options = { batchSize: 3000, shuffle, seed: 5, epochs: 3, scratch: folder };
      const all = takeInChild(source, options, "");
      assert.is(all.batches.length, 51);
      const batches: unknown[] = [];
      let from: LoaderState | undefined;
      // In the middle, at the end of an epoch, after its first batch, and before the last of all.
      for (const [most, workers, memory] of [
        [8, 1, 2 ** 28],
        [9, 2, 1],
        [1, 4, 2 ** 20],
        [32, 1, 2 ** 28],
        ["", 2, 2 ** 28],
      ] as const) {
        const changed = { ...options, workers, memory, ...(from && { from }) };
        const taken = takeInChild(source, changed, most);
        assert.ok(JSON.stringify(taken.state).length < 1000);
        batches.push(...taken.batches);
        from = taken.state;
      }
      assert.equal(batches, all.batches, shuffle);
      assert.equal(from, all.state);
    }
  }),
);

test(
  "a state of a table is refused where other columns of it are read, or invalid rows left out",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 500, features: 3, format: "parquet" });
    const file = path.join(out, "shard-00000.parquet");
    // The file as a table of its own, and the dataset.
    for (const source of [file, out]) {
      const order = { batchSize: 100, shuffle: "window" } as const;
      const table = await openDataset(source);
      const from = table.batches(order).state();
      const reopened = await openDataset(source, { target: "y", features: ["x0", "x1", "x2"] });
      assert.equal(reopened.batches({ ...order, from }).state(), from);
      for (const columns of [
        { target: "x0" },
        { features: ["x0", "x1"] },
        { features: ["x1", "x0", "x2"] },
      ]) {
        const other = await openDataset(source, columns);
        const open = async (): Promise<unknown> => other.batches({ ...order, from });
        await assertRejects(open(), "failed", /state was made with other columns: open the table/);
      }
    }
    const from = (await openDataset(file)).batches({ batchSize: 100 }).state();
    const dropping = await openDataset(file, { invalid: "drop" });
    const open = async (): Promise<unknown> => dropping.batches({ batchSize: 100, from });
    await assertRejects(open(), "failed", /other columns: .* invalid values/);
  }),
);

test.run();
