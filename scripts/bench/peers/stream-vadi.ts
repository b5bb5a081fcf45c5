// vadi's loader: one epoch over a dataset, after a warm-up of two; with files that are in the system's
// cache then, or have been dropped from it.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { peakRssBytes } from "../../../src/common/process/memory.js";
import { openDataset, type ShuffleMode } from "vadi";
import { dropFromCache } from "../page-cache.js";

const { source, shuffle, memory, batchSize, scratch, recycle, cold } = JSON.parse(
  process.argv[2] ?? "",
) as {
  source: string;
  shuffle: ShuffleMode;
  memory: number;
  batchSize: number;
  scratch: string;
  recycle: boolean;
  /** Files that are dropped from the cache before the epoch that is timed. */
  cold: string[];
};

const dataset = await openDataset(source);
const options = { batchSize, shuffle, memory, scratch, recycle };
let sum = 0;
let rows = 0;

async function epochs(epoch: number, count: number): Promise<number> {
  const started = performance.now();
  for await (const batch of dataset.batches({ ...options, epoch, epochs: count })) {
    rows += batch.rows;
    sum += batch.y[0] ?? 0;
  }
  return (performance.now() - started) / 1000;
}

// Starts the threads, and lets the engine compile the kernels as well as it can.
await epochs(0, 2);
dropFromCache(cold);
rows = 0;
const seconds = await epochs(2, 1);
const facts = { seconds, peakRssBytes: peakRssBytes(), rows, sum };

/** Milliseconds for which the event loop was held the longest in an epoch. */
async function longestHold(epoch: number): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await epochs(epoch, 1);
  delay.disable();
  return Math.max(0, delay.max / 1e6 - 1);
}

// The least of some epochs: what the loader itself does comes again, what other programs do does not.
const holds = [];
for (let epoch = 3; epoch < 6; epoch++) holds.push(await longestHold(epoch));
process.stdout.write(`${JSON.stringify({ ...facts, longestHold: Math.min(...holds) })}\n`);
