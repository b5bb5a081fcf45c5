// Loaded before a measured program: at its end it writes what the process has used to the file in VADI_BENCH_USAGE.
// It imports nothing of vadi, which would take longer than the program's own start.
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const file = process.env["VADI_BENCH_USAGE"];
if (isMainThread && file !== undefined) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const used = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakRssBytes: maxRSS * 1024 };
    writeFileSync(file, JSON.stringify(used));
  });
}
