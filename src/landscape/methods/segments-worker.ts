// Runs in a worker thread: the losses of whole batches by the piecewise method.
import { workerTask } from "../../common/worker-task.js";
import type { SliceMethod } from "./method.js";
import type { PiecesTask } from "./segments-pool.js";
import { reluPieces } from "./relu-segments.js";

/** The line that this thread is at; its tables stay in the kernel's memory from batch to batch. */
let current: { id: number; method: Promise<SliceMethod> } | undefined;

const runPiecesTask: (task: PiecesTask) => Promise<Float64Array> = workerTask(
  async ({ id, line, x, y, rows }) => {
    if (current?.id !== id) current = { id, method: reluPieces(line) };
    return (await current.method).evaluate({ x, y, rows });
  },
);

export default runPiecesTask;
