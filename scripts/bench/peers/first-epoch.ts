// What a user's program does: it opens a dataset and goes through one epoch with default options. It prints the
// seconds of the epoch, of its first batch, and the rows.
import { openDataset } from "vadi";
import type { BatchOptions } from "vadi";
import { peakRssBytes } from "../../../src/common/process/memory.js";

const { source, shuffle, batchSize } = JSON.parse(process.argv[2] ?? "") as BatchOptions & {
  source: string;
};
const dataset = await openDataset(source);
const started = performance.now();
let firstBatch = 0;
let rows = 0;
for await (const batch of dataset.batches({ batchSize, shuffle })) {
  if (rows === 0) firstBatch = (performance.now() - started) / 1000;
  rows += batch.rows;
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, firstBatch, rows, peakRssBytes: peakRssBytes() }));
