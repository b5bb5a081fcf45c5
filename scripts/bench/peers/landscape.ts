// A landscape as a user computes it: through the library, from the files of a dataset, tables written.
import { rmSync } from "node:fs";
import { peakRssBytes } from "../../../src/common/process/memory.js";
import { landscape } from "vadi";
import type { LandscapeOptions } from "vadi";

const { run, out, options } = JSON.parse(process.argv[2] ?? "") as {
  run: string;
  out: string;
  options: LandscapeOptions;
};
// Once before, on one batch, so that no first compilation or reading is measured. Threads start each time.
await landscape(run, { ...options, batches: 1, out });
rmSync(out, { recursive: true });
const started = performance.now();
const { record } = await landscape(run, { ...options, out });
process.stdout.write(
  `${JSON.stringify({
    seconds: (performance.now() - started) / 1000,
    peakRssBytes: peakRssBytes(),
    method: record.method,
    simd: record.simd,
    rowPointsPerSecond: record.rowPointsPerSecond,
  })}\n`,
);
