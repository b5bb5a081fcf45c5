// The kernel alone: rows of a dataset made one record batch after the other in the same memory, in
// one thread, without files.
import { createRowMaker, type RowSpec } from "../../../src/generate/index.js";
import { recordBatchRows } from "../../../src/storage/index.js";
import { runPeer } from "./peer.js";

/** Maxima of the usual size; which they are makes no difference to the time. */
const MAXIMA = [5, 5] as const;

const { spec, rows } = JSON.parse(process.argv[2] ?? "") as { spec: RowSpec; rows: number };
const maker = createRowMaker(spec, recordBatchRows(spec.features), MAXIMA);
// The engine compiles a kernel a second time, better, once it has run for a while.
for (let batch = 0; batch < 4; batch++) maker.make(0, maker.capacity);

await runPeer(() => {
  for (let done = 0; done < rows; done += maker.capacity) {
    maker.make(done, Math.min(maker.capacity, rows - done));
  }
});
