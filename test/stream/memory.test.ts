import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";
import { writeDataset } from "../../src/storage/index.js";
import type { BatchOptions } from "../../src/stream/index.js";
import { inFolder } from "../helpers/folder.js";

const CHILD = fileURLToPath(new URL("consumer-child.js", import.meta.url));
const MIB = 2 ** 20;

/** What a consumer in a process of its own says at its end. */
function consume(source: string, how: string, options: BatchOptions): Record<string, unknown>[] {
  const child = spawnSync(process.execPath, [CHILD, source, how, JSON.stringify(options)], {
    encoding: "utf8",
  });
  assert.is(child.status, 0, child.stderr);
  return child.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test(
  "memory stays within the budget and what the threads need, however many rows pass",
  inFolder(async (folder) => {
    // 126 MiB of rows, read twice: what has passed may not stay.
    const rows = 3_000_000;
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows, features: 10, shardRows: 500_000 });
    const options = { batchSize: 10_000, memory: 64 * MIB, scratch: folder, epochs: 2 };
    for (const shuffle of ["none", "window", "global"] as const) {
      for (const recycle of [false, true]) {
        const [said] = consume(out, "all", { ...options, shuffle, recycle });
        assert.is(said!["rows"], 2 * rows);
        const growth = Number(said!["growth"]);
        // The rows that pass take 252 MiB, the budget is 64 MiB, and two threads with their code take
        // some 60. The bound leaves as much again for garbage that is not collected yet.
        assert.ok(growth < 240 * MIB, `${shuffle}: ${Math.round(growth / MIB)} MiB`);
      }
    }
  }),
);

test(
  "nothing grows while the consumer pauses",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 1_000_000, features: 10, shardRows: 250_000 });
    for (const shuffle of ["window", "global"] as const) {
      const options = { batchSize: 1000, memory: 16 * MIB, scratch: folder, shuffle, epochs: 100 };
      const [said] = consume(out, "pause", options);
      const sizes = said!["sizes"] as number[];
      // A busy machine may still be reading ahead at the first measurement: up to the budget and what
      // threads hold besides. All epochs take 4.2 GiB.
      assert.ok(sizes.at(-1)! - sizes[0]! < 64 * MIB, `${shuffle}: ${sizes.join(" ")}`);
    }
  }),
);

test.run();
