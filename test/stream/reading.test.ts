import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { assert, skip, test } from "../helpers/test.js";
import { rowBytes, writeDataset } from "../../src/storage/index.js";
import {
  openDataset,
  SHUFFLE_MODES,
  type Dataset,
  type LoaderState,
} from "../../src/stream/index.js";
import { collectGarbage } from "../helpers/collect-garbage.js";
import { inFolder } from "../helpers/folder.js";

/** Milliseconds for which the loader may block the event loop. */
const MOST_BLOCKED = 100;
const FEATURES = 10;

/** Bytes that this process has read from files so far, where the platform tells. */
function bytesRead(): number | undefined {
  if (!existsSync("/proc/self/io")) return undefined;
  return Number(/rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

/** Reads to the end from a state on; the bytes that this took. */
async function bytesFrom(dataset: Dataset, from: LoaderState): Promise<number> {
  const { shuffle, batchSize, seed } = from;
  const before = bytesRead()!;
  let rows = 0;
  for await (const batch of dataset.batches({ shuffle, batchSize, seed, from })) rows += batch.rows;
  assert.is(rows, dataset.rows - from.index * batchSize);
  return bytesRead()! - before;
}

test(
  "a loader that goes on reads little again: at most one window, and nothing in file order",
  inFolder(async (folder) => {
    if (bytesRead() === undefined) skip("the platform does not count read bytes");
    const rows = 400_000;
    const window = 25_000;
    for (const format of ["arrow", "parquet"] as const) {
      const out = path.join(folder, format);
      const shape = { rows, features: FEATURES, shardRows: 4 * window };
      await writeDataset({ kind: "lsm", out, format, ...shape });
      const dataset = await openDataset(out);
      // The threads have read their code and the footers.
      for (const shuffle of SHUFFLE_MODES) {
        for await (const batch of dataset.batches({ batchSize: 1000, shuffle })) assert.ok(batch);
      }
      for (const shuffle of ["none", "shards", "window"] as const) {
        const batchSize = 1300;
        const state = dataset.batches({ batchSize, shuffle }).state();
        for (const index of [1, 19, 150, 307]) {
          const read = await bytesFrom(dataset, { ...state, index });
          const left = (rows - index * batchSize) * rowBytes(FEATURES);
          const again = shuffle === "window" ? window * rowBytes(FEATURES) : 0;
          // Headers and footers are some kilobytes.
          assert.ok(
            read >= left && read < left + again + 200_000,
            `${format} ${shuffle} ${index}: ${read}`,
          );
        }
      }
    }
  }),
);

/** Files of datasets and of scratch that this process has open. */
function openFiles(): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${name}`);
      return /\.arrow|vadi-scratch/.test(file) ? [file] : [];
    } catch {
      return [];
    }
  });
}

test(
  "10 000 iterators that are opened and dropped leave nothing, with one signal for all",
  inFolder(async (folder) => {
    const out = path.join(folder, "data");
    await writeDataset({ kind: "lsm", out, rows: 2000, features: FEATURES, shardRows: 500 });
    const dataset = await openDataset(out);
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const warn = (warning: Error): number => warnings.push(warning);
    process.on("warning", warn);
    const round = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const shuffle = SHUFFLE_MODES[at % SHUFFLE_MODES.length]!;
        const loader = dataset.batches({ batchSize: 500, shuffle, signal });
        const iterator = loader[Symbol.asyncIterator]();
        // Some are dropped before their first batch, some after it, without a word, some are ended.
        if (at % 10 === 0) await iterator.next();
        if (at % 20 === 0) await iterator.return?.();
      }
    };
    // Memory may lie about after a collection; what leaks comes with every round.
    const growths: number[] = [];
    for (let each = 0; each < 5; each++) {
      const before = process.memoryUsage().rss;
      await round(2000);
      // What is dropped is closed once it has been collected, and goes with the next collection.
      for (let turn = 0; turn < 3; turn++) {
        collectGarbage();
        await wait(50);
      }
      growths.push((process.memoryUsage().rss - before) / 2 ** 20);
    }
    assert.ok(Math.min(...growths) < 4, `${growths.join(", ")} MiB`);
    assert.equal(openFiles(), []);
    process.off("warning", warn);
    assert.equal(warnings, []);
  }),
);

test(
  "no shuffle blocks the event loop for long, in either format",
  inFolder(async (folder) => {
    const datasets: Dataset[] = [];
    for (const format of ["arrow", "parquet"] as const) {
      const out = path.join(folder, format);
      const shape = { rows: 500_000, features: FEATURES, shardRows: 100_000 };
      await writeDataset({ kind: "lsm", out, format, ...shape });
      datasets.push(await openDataset(out));
    }
    const each = datasets.flatMap((dataset) =>
      SHUFFLE_MODES.map((shuffle) => ({ dataset, shuffle })),
    );
    for (const { dataset, shuffle } of each) {
      // On a busy machine this thread waits for several time slices of others, so the shortest block of
      // several attempts counts, and the bound is ten times what `npm run bench -- stream` measures.
      let least = Infinity;
      for (let attempt = 0; attempt < 12 && least > MOST_BLOCKED; attempt++) {
        const delay = monitorEventLoopDelay({ resolution: 1 });
        delay.enable();
        for await (const batch of dataset.batches({ batchSize: 1000, shuffle, recycle: true })) {
          assert.ok(batch.rows > 0);
        }
        delay.disable();
        least = Math.min(least, delay.max / 1e6);
      }
      assert.ok(least <= MOST_BLOCKED, `${dataset.format} ${shuffle}: ${least} ms`);
    }
  }),
);

test.run();
