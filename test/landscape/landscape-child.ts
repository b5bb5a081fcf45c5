// Computes a landscape and kills its own process in the middle: what a power cut leaves.
import { landscape } from "../../src/landscape/index.js";

const [, , run = "", out = "", after = "1"] = process.argv;
let batches = 0;
await landscape(run, {
  out,
  points: 7,
  batches: "all",
  batchSize: 100,
  resume: true,
  onProgress: () => {
    batches++;
    if (batches === Number(after)) process.kill(process.pid, "SIGKILL");
  },
});
